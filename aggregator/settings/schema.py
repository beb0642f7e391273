"""The four files as pydantic models: which keys there are, what they mean, what they may hold.

The text below a key is what editors show for it. What one key cannot know of another is in checks.py.
"""

from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    WithJsonSchema,
)

from aggregator.model.identifiers import OutputId
from aggregator.model.output import Output
from aggregator.model.topic import Near
from aggregator.settings import configuration, fields
from aggregator.settings.fields import (
    VARIABLE,
    Clock,
    Duration,
    DurationOrZero,
    Language,
    Line,
    Many,
    Size,
    Slug,
    Switch,
    TimeZone,
    Url,
)
from aggregator.settings.terms import TermList, check_weighted, parse_near

T = TypeVar("T")

# The values that the rest of the house uses know their defaults; here they are only repeated to editors.
_POLLING: Final = configuration.PollingSettings()
_STORIES: Final = configuration.StoriesSettings()
_RETENTION: Final = configuration.RetentionSettings()
_OUTPUT: Final = Output(id=OutputId(""), title="")

# A key with nothing below it, every block commented out, is an empty list or section.
Listing = Annotated[Many[T], BeforeValidator(lambda value: () if value is None else value)]
SectionOf = Annotated[T, BeforeValidator(lambda value: {} if value is None else value)]


def _span(default: timedelta) -> Any:
    """Make the default of a duration, which editors show as one writes it: 15m, not PT15M."""
    return Field(default=default, json_schema_extra={"default": fields.written_duration(default)})


class Section(BaseModel):
    """A mapping whose keys are all known; text is never taken for a number, nor a number for text."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, use_attribute_docstrings=True
    )


class FeedModel(Section):
    """One feed of a source."""

    url: Url
    """Address of the RSS, RDF, Atom or JSON Feed document."""
    every: Duration | None = None
    """A fixed interval (90s 15m 6h 7d) instead of the adaptive one."""
    kind: Literal["news", "video", "audio"] = "news"
    """video and audio never lead a story."""


class SourceModel(Section):
    """A publisher, with one feed (`url`) or several (`feeds`)."""

    id: Slug
    """Stable: history hangs on it."""
    name: Line | None = None
    """The outlet, as people read it; default: the id."""
    short: Line | None = None
    """A short name for lists of outlets."""
    note: Line | None = None
    """Shown beside the name, such as 国営メディア."""
    homepage: Url | None = None
    """The outlet's front page."""
    language: Language | None = None
    """Of its entries (ja, en ...); detected per entry when absent."""
    timezone: TimeZone | None = None
    """For dates without a zone, such as Asia/Tokyo."""
    weight: Annotated[float, Field(ge=0, le=10), VARIABLE] = 1.0
    """0 to 10: which entry leads a story."""
    access: Literal["free", "mixed", "paid"] = "free"
    """How much can be read without paying."""
    fold: Switch = True
    """false: never fold this source's entries into another's story."""
    full_text: Switch = False
    """true: fetch the article page (robots.txt obeyed) for key points."""
    images: Switch = False
    """true: its thumbnails may appear."""
    enabled: Switch = True
    """false: not polled; what it brought stays."""
    keep_query: Many[Line] = ()
    """Query parameters that are part of an article's identity."""
    headers: dict[
        Annotated[str, AfterValidator(fields.parse_header_name)],
        Annotated[
            str, PlainValidator(fields.parse_header_value), WithJsonSchema({"type": "string"})
        ],
    ] = {}
    """Request headers; take secrets from the environment: "${NAME}"."""
    url: Url | None = None
    """Short form: the source's only feed."""
    every: Duration | None = None
    """Short form: a fixed interval for that feed."""
    kind: Literal["news", "video", "audio"] = "news"
    """Short form: what that feed carries."""
    feeds: Annotated[Many[FeedModel], Field(min_length=1)] | None = None
    """Full form: all its feeds."""


class SourcesFile(Section):
    """Which publishers are read."""

    sources: Listing[SourceModel] = ()
    """The publishers, each with its feeds."""


class TopicModel(Section):
    """A subject, and the words that make a text belong to it."""

    id: Slug
    """Stable: part of addresses and of the topic's feed."""
    name: Annotated[
        dict[Annotated[str, AfterValidator(fields.parse_language_key)], Line],
        Field(min_length=1),
        BeforeValidator(fields.names_by_language),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string"},
                    {"type": "object", "additionalProperties": {"type": "string"}},
                ]
            }
        ),
    ] = Field(default_factory=dict)
    """One name, or {ja: ..., en: ...}; default: the id."""
    aliases: dict[str, TermList] = {}
    """Lists of terms by name, put in wherever `$name` stands."""
    all: Annotated[Many[TermList], Field(min_length=1)]
    """Lists of terms: any term of each list must appear, near each other."""
    never: TermList = Field(default=(), alias="not")
    """Veto: a text with one of these never has the topic."""
    near: Annotated[
        int | Near,
        PlainValidator(parse_near),
        WithJsonSchema(
            {"anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["title", "anywhere"]}]}
        ),
    ] = 40
    """How near the lists must hit: characters, `title` or `anywhere`."""
    weights: dict[
        Annotated[str, AfterValidator(check_weighted)],
        Annotated[float, Field(ge=-1000, le=1000), VARIABLE],
    ] = {}
    """Terms that add to the score or take from it."""
    threshold: Annotated[float, Field(ge=-1000, le=1000), VARIABLE] = 2.0
    """The score that is enough; a list's hit counts 2 in the title, 1 in the summary."""


class TopicsFile(Section):
    """What the news are about."""

    topics: Listing[TopicModel] = ()
    """The subjects."""


class NotifyModel(Section):
    """Whom to tell of a story, once."""

    url: Url
    """The ntfy topic or the webhook."""
    kind: Literal["ntfy", "webhook"] = "ntfy"
    """A webhook is signed."""
    min_independent: Annotated[int, Field(ge=1, le=1000), VARIABLE] = 1
    """Only stories that so many independent sources report."""
    quiet: (
        Annotated[
            tuple[int, int],
            PlainValidator(fields.parse_quiet),
            WithJsonSchema({"type": "string"}),
        ]
        | None
    ) = None
    """A span of the day without notifications, such as "23:00-07:00"."""
    max_per_day: Annotated[int, Field(ge=1, le=10_000), VARIABLE] | None = None
    """At most so many a day."""


class OutputModel(Section):
    """A feed that is published as /feeds/ID.rss, .atom and .json."""

    id: Slug
    """Stable: part of the feed's address."""
    title: Line | None = None
    """The feed's title; default: the id."""
    topics: Many[str] = ()
    """Stories with any of these topics; absent: every story."""
    sources: Many[str] = ()
    """Reports of these sources only; absent: all."""
    languages: Many[Language] = ()
    """Stories with a report in one of these languages."""
    language: Language | None = None
    """The lead and all labels are in it where possible; default: settings.language."""
    min_sources: Annotated[int, Field(ge=1, le=1000), VARIABLE] = 1
    """Only stories that so many independent sources report."""
    exclude: Many[Line] = ()
    """Words that keep a story out."""
    items: Literal["stories", "entries"] = "stories"
    """One item per story, or per entry."""
    limit: Annotated[int, Field(ge=1, le=10_000), VARIABLE] = 100
    """At most so many items."""
    max_age: Duration = _span(_OUTPUT.max_age)
    """Older items leave."""
    backfill: DurationOrZero = _span(_OUTPUT.backfill)
    """Of a source's first poll, only entries younger than this make items."""
    per_source: Annotated[int, Field(ge=1, le=10_000), VARIABLE] | None = None
    """At most so many leads of one source."""
    updates: Literal["silent", "again"] = "silent"
    """again: one more item at a major turn of a story."""
    title_form: Annotated[
        str, PlainValidator(fields.parse_title_form), WithJsonSchema({"type": "string"})
    ] = "{title}"
    """"{title}", or "{title}（{outlet}）"."""
    private: Switch = False
    """true: only with ?token=."""
    notify: NotifyModel | None = None
    """Whom to tell of new stories."""


class MuteModel(Section):
    """Words that hide a story from every output."""

    words: Annotated[Many[Line], Field(min_length=1)]
    """Any of them."""
    until: (
        Annotated[
            date,
            PlainValidator(fields.parse_day),
            WithJsonSchema({"type": "string", "format": "date"}),
        ]
        | None
    ) = None
    """The last day; absent: for good."""


class WeeklyModel(Section):
    """One time of the week."""

    day: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    """mon tue wed thu fri sat sun."""
    at: Clock
    """Time of day in settings.timezone."""


class EditionsModel(Section):
    """When a digest appears, in settings.timezone."""

    daily: Clock | None = None
    """Once a day at this time."""
    morning: Clock | None = None
    """朝版."""
    evening: Clock | None = None
    """夕版."""
    weekly: WeeklyModel | None = None
    """Once a week."""


class DigestModel(Section):
    """A readable summary of a topic, of several, or of an output."""

    topic: str | None = None
    """Of this topic."""
    topics: Annotated[Many[str], Field(min_length=1)] | None = None
    """Of these topics together."""
    output: str | None = None
    """Of this output, in sections."""
    editions: EditionsModel
    """When it appears."""
    empty: Literal["skip", "note"] = "skip"
    """What happens when there is nothing to tell."""


class OutputsFile(Section):
    """What is published."""

    outputs: Many[OutputModel] | None = None
    """The feeds, in the order of the pages; absent: `all` and `combined`."""
    per_topic: Switch = True
    """One more output per topic, its id the topic's."""
    mute: Listing[MuteModel] = ()
    """Words hidden from every output."""
    digests: Listing[DigestModel] = ()
    """Readable summaries."""


class ServerModel(Section):
    """Where pages and feeds are served; a change needs a restart."""

    host: Line = "127.0.0.1"
    """The address to listen on."""
    port: Annotated[int, Field(ge=0, le=65535), VARIABLE] = 8080
    """The port to listen on; 0: any that is free."""
    access: Literal["open", "token"] = "open"
    """token: every page and feed needs one."""
    admin_token_hash: Line | None = None
    """Of the token that administers."""


class StorageModel(Section):
    """Where everything is kept; a change needs a restart."""

    url: Annotated[
        str, PlainValidator(fields.parse_storage_url), WithJsonSchema({"type": "string"})
    ] = "sqlite"
    """sqlite (data/aggregator.db): the only one that is built in."""


class PollingModel(Section):
    """How publishers are asked."""

    min_interval: Duration = _span(_POLLING.min_interval)
    """No feed is asked more often."""
    default_interval: Duration = _span(_POLLING.default_interval)
    """As long as a feed's habits are not known."""
    max_interval: Duration = _span(_POLLING.max_interval)
    """Every feed is asked at least so often."""
    concurrency: Annotated[int, Field(ge=1, le=1000), VARIABLE] = _POLLING.concurrency
    """Requests under way at once, over all hosts."""
    timeout: Duration = _span(_POLLING.timeout)
    """For one whole answer."""
    max_body: Size = Field(default=_POLLING.max_body, json_schema_extra={"default": "10MiB"})
    """The largest document that is read, unpacked."""
    host_spacing: DurationOrZero = _span(_POLLING.host_spacing)
    """Between two requests to one host."""
    contact: str = _POLLING.contact
    """An address or page for publishers who want to reach you; sent as part of the User-Agent."""


class NetworkModel(Section):
    """Your own network."""

    allow_private: Many[
        Annotated[str, PlainValidator(fields.parse_private), WithJsonSchema({"type": "string"})]
    ] = ()
    """host:port, 10.0.0.5:*, 127.0.0.0/8:* of feeds inside it."""
    proxy: (
        Annotated[str, PlainValidator(fields.parse_proxy), WithJsonSchema({"type": "string"})]
        | None
    ) = None
    """http://... for every request."""


class StoriesModel(Section):
    """How reports become stories."""

    window: Duration = _span(_STORIES.window)
    """Reports further apart are different stories."""
    sensitivity: Literal["strict", "normal", "loose"] = "normal"
    """strict: fewer reports in one story."""


class RetentionModel(Section):
    """How long things are kept."""

    entries: Duration = _span(_RETENTION.entries)
    """Entries and their stories."""
    revisions: Duration = _span(_RETENTION.revisions)
    """Former texts of changed entries."""
    articles: Duration = _span(_RETENTION.articles)
    """Texts of article pages (`full_text: true`), for the sentences that digests quote."""


class WebSubModel(Section):
    """Push instead of polling."""

    subscribe: Switch = True
    """Needs a public_url that hubs can reach."""
    allow_sha1: Switch = False
    """Believe deliveries that an old hub signs with SHA-1."""
    hub: Url | None = None
    """A hub to ping when outputs change."""


class SettingsFile(Section):
    """How the program runs."""

    timezone: TimeZone = "Asia/Tokyo"
    """Of pages and digests."""
    language: Literal["ja", "en"] = "ja"
    """Of pages and digests."""
    public_url: Annotated[
        str, PlainValidator(fields.parse_public_url), WithJsonSchema({"type": "string"})
    ] = "http://127.0.0.1:8080"
    """Where readers reach this program."""
    audience: Literal["private", "team", "public"] = "private"
    """How much of others' text is shown."""
    server: SectionOf[ServerModel] = Field(default_factory=ServerModel)
    """Where pages and feeds are served; a change needs a restart."""
    storage: SectionOf[StorageModel] = Field(default_factory=StorageModel)
    """Where everything is kept; a change needs a restart."""
    polling: SectionOf[PollingModel] = Field(default_factory=PollingModel)
    """How publishers are asked."""
    network: SectionOf[NetworkModel] = Field(default_factory=NetworkModel)
    """Your own network."""
    stories: SectionOf[StoriesModel] = Field(default_factory=StoriesModel)
    """How reports become stories."""
    retention: SectionOf[RetentionModel] = Field(default_factory=RetentionModel)
    """How long things are kept."""
    websub: SectionOf[WebSubModel] = Field(default_factory=WebSubModel)
    """Push instead of polling."""


FILES: Final[dict[str, type[Section]]] = {
    "settings.yaml": SettingsFile,
    "sources.yaml": SourcesFile,
    "topics.yaml": TopicsFile,
    "outputs.yaml": OutputsFile,
}
"""The four files, in the order in which they are read."""
