from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aggregator.errors import ConfigurationError
from aggregator.model.digest import DigestPlan, EditionKind, EditionTime
from aggregator.model.output import Items, Notify, Updates
from aggregator.model.source import Access, FeedKind
from aggregator.model.topic import Near, Term, TermKind
from aggregator.settings.configuration import Settings
from aggregator.settings.load import load

SOURCES = """\
sources:
  - id: mainichi
    name: 毎日新聞
    short: 毎日
    homepage: https://mainichi.example/
    language: ja
    timezone: Asia/Tokyo
    weight: 2
    access: mixed
    feeds:
      - url: https://mainichi.example/flash.rss
        every: 30m
        kind: video
  - id: jiji
    url: https://jiji.example/ranking.rdf
    every: 90s
    fold: false
    keep_query: [k]
    headers: {Authorization: "Bearer ${JIJI_TOKEN}"}
"""
TOPICS = """\
topics:
  - id: ceasefire
    name: {ja: 停戦, en: Ceasefire}
    all: [[ウクライナ, Ukraine], [停戦, ceasefire]]
    not: [遺跡]
  - id: us-russia
    aliases:
      both: [$us, 米露]
      us: [米国, {kanji: 米}, {case: US}, U.S.]
    all: [[$both], [{stem: росси}, {regex: 'Pu+tin'}]]
    near: title
    weights: {会談: 1, W杯: -4}
    threshold: 3
"""


def test_an_empty_directory_has_the_defaults(tmp_path: Path):
    configuration = load(tmp_path, {})
    assert configuration.settings == Settings()
    assert configuration.sources == ()
    assert configuration.topics == ()
    assert [output.id for output in configuration.outputs] == ["all", "combined"]
    assert configuration.digests == ()


@pytest.mark.parametrize("text", ["", "# nothing\n", "sources:\n", "sources: []", "{}"])
def test_a_file_without_content_counts_as_absent(loaded, text):
    assert loaded(sources=text).sources == ()


def test_sources_in_both_forms(loaded):
    mainichi, jiji = loaded({"JIJI_TOKEN": "t0ken"}, sources=SOURCES).sources
    assert (mainichi.name, mainichi.label, mainichi.weight) == ("毎日新聞", "毎日", 2.0)
    assert mainichi.access is Access.MIXED
    assert mainichi.feeds[0].every == timedelta(minutes=30)
    assert mainichi.feeds[0].kind is FeedKind.VIDEO
    assert (jiji.name, jiji.fold, jiji.keep_query) == ("jiji", False, ("k",))
    assert jiji.feeds[0].url == "https://jiji.example/ranking.rdf"
    assert jiji.feeds[0].every == timedelta(seconds=90)
    assert jiji.headers == (("Authorization", "Bearer t0ken"),)
    assert type(jiji.headers[0][1]) is str


def test_topics_in_both_forms_with_their_aliases_put_in(loaded):
    ceasefire, us_russia = loaded(topics=TOPICS).topics
    assert ceasefire.name("en") == "Ceasefire"
    assert ceasefire.all[0] == (Term("ウクライナ"), Term("Ukraine"))
    assert ceasefire.never == (Term("遺跡"),)
    assert (ceasefire.near, ceasefire.threshold) == (40, 2.0)
    assert us_russia.name("ja") == "us-russia"
    assert us_russia.all[0] == (
        Term("米国"),
        Term("米", TermKind.KANJI),
        Term("US", TermKind.CASE),
        Term("U.S."),
        Term("米露"),
    )
    assert us_russia.all[1] == (Term("росси", TermKind.STEM), Term("Pu+tin", TermKind.REGEX))
    assert us_russia.near is Near.TITLE
    assert us_russia.weights == ((Term("会談"), 1.0), (Term("W杯"), -4.0))
    assert us_russia.threshold == 3.0


def test_an_output_with_every_key(loaded):
    outputs = """\
outputs:
  - id: mine
    title: 米ロ
    topics: [us-russia]
    sources: [jiji]
    languages: [ja, en]
    language: en
    min_sources: 2
    exclude: [スポーツ]
    items: entries
    limit: 50
    max_age: 3d
    backfill: 0s
    per_source: 20
    updates: again
    title_form: "{title}（{outlet}）"
    private: true
    notify: {url: https://ntfy.example/x, kind: webhook, min_independent: 3, quiet: "23:00-7:30", max_per_day: 10}
per_topic: false
"""
    configuration = loaded({"JIJI_TOKEN": ""}, sources=SOURCES, topics=TOPICS, outputs=outputs)
    [output] = configuration.outputs
    assert output.topics == ("us-russia",)
    assert output.language == "en"
    assert (output.items, output.updates) == (Items.ENTRIES, Updates.AGAIN)
    assert (output.max_age, output.backfill) == (timedelta(days=3), timedelta())
    assert output.title_form == "{title}（{outlet}）"
    assert output.notify == Notify(
        url="https://ntfy.example/x",
        kind="webhook",
        min_independent=3,
        quiet=(23 * 60, 7 * 60 + 30),
        max_per_day=10,
    )


def test_an_output_per_topic_follows_those_that_are_listed(loaded):
    outputs = "outputs: [{id: us-russia, title: mine}]"
    configuration = loaded(topics=TOPICS, outputs=outputs, settings="language: en")
    titles = [(output.id, output.title) for output in configuration.outputs]
    assert titles == [("us-russia", "mine"), ("ceasefire", "Ceasefire")]
    assert configuration.outputs[1].topics == ("ceasefire",)
    assert {output.language for output in configuration.outputs} == {"en"}


def test_the_starting_outputs_hold_everything_and_every_topic(loaded):
    every, combined, *per_topic = loaded(topics=TOPICS).outputs
    assert (every.id, every.topics) == ("all", ())
    assert (combined.id, combined.topics) == ("combined", ("ceasefire", "us-russia"))
    assert [output.id for output in per_topic] == ["ceasefire", "us-russia"]


def test_a_mute_ends_with_its_day_in_the_readers_zone(loaded):
    outputs = "mute: [{words: [五輪], until: 2026-12-31}, {words: [x]}]"
    first, second = loaded(outputs=outputs).mutes
    assert first.until == datetime(2026, 12, 31, 15, tzinfo=UTC)  # midnight in Tokyo
    assert (second.words, second.until) == (("x",), None)


def test_digests_of_topics_and_outputs(loaded):
    outputs = """\
digests:
  - topic: us-russia
    editions: {morning: "07:00", evening: 18:30}
    empty: note
  - topics: [ceasefire, us-russia]
    editions: {daily: 6:05}
  - output: combined
    editions: {weekly: {day: sun, at: "21:00"}}
"""
    one, two, three = loaded(topics=TOPICS, outputs=outputs).digests
    assert one == DigestPlan(
        subject="us-russia",
        topics=("us-russia",),
        editions=(
            EditionTime(kind=EditionKind.MORNING, hour=7, minute=0),
            EditionTime(kind=EditionKind.EVENING, hour=18, minute=30),
        ),
        note_when_empty=True,
    )
    assert (two.subject, two.topics) == ("ceasefire+us-russia", ("ceasefire", "us-russia"))
    assert (three.subject, three.output, three.topics) == ("combined", "combined", ())
    assert three.editions == (EditionTime(kind=EditionKind.WEEKLY, hour=21, minute=0, weekday=6),)


def test_settings_with_every_key(loaded):
    settings = """\
timezone: Europe/Kyiv
language: en
public_url: https://news.example/agg/
audience: team
server: {host: 0.0.0.0, port: 9000, access: token, admin_token_hash: abc}
storage: {url: sqlite}
polling: {min_interval: 5m, default_interval: 30m, max_interval: 6h, concurrency: 8, timeout: 10s, max_body: 512KiB, host_spacing: 0s, contact: "${USER_NAME}@b.example"}
network: {allow_private: ["nas:80", "10.0.0.5:*", "127.0.0.0/8:*", "[::1]:8080"], proxy: "http://u:p@proxy.example:3128"}
stories: {window: 7d, sensitivity: loose}
retention: {entries: 30d, revisions: 7d}
websub: {subscribe: false, hub: https://hub.example/}
"""
    made = loaded({"USER_NAME": "me"}, settings=settings).settings
    assert made.public_url == "https://news.example/agg"
    assert made.polling.contact == "me@b.example"
    assert made.server.port == 9000
    assert made.polling.max_body == 512 * 1024
    assert made.polling.host_spacing == timedelta()
    assert made.network.allow_private[3] == "[::1]:8080"
    assert made.stories.window == timedelta(days=7)
    assert made.websub.hub == "https://hub.example/"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("min_interval: 2h", ("2h", "2h", "24h")),
        ("max_interval: 10m", ("10m", "10m", "10m")),
        ("default_interval: 5m", ("5m", "5m", "24h")),
        ("default_interval: 2d", ("15m", "48h", "48h")),
    ],
)
def test_intervals_that_are_not_given_keep_within_those_that_are(loaded, given, expected):
    polling = loaded(settings=f"polling: {{{given}}}").settings.polling
    units = {"m": "minutes", "h": "hours"}
    spans = [timedelta(**{units[text[-1]]: int(text[:-1])}) for text in expected]
    assert [polling.min_interval, polling.default_interval, polling.max_interval] == spans


def test_numbers_and_switches_may_stand_in_the_environment(loaded):
    environment = {"PORT": "9999", "WEIGHT": "2.5", "FOLD": "false"}
    sources = 'sources: [{id: a, url: "https://a.example/", weight: "${WEIGHT}", fold: "${FOLD}"}]'
    made = loaded(environment, settings="server:\n  port: ${PORT}", sources=sources)
    assert made.settings.server.port == 9999
    assert (made.sources[0].weight, made.sources[0].fold) == (2.5, False)


def test_json_is_yaml(loaded):
    text = '{\n\t"sources": [\n\t\t{"id": "a", "name": "\\u6bce\\u65e5 \\ud83d\\ude00", "url": "https:\\/\\/a.example"}]}'
    assert loaded(sources=text).sources[0].name == "毎日 😀"


def test_yaml_is_read_as_yaml_1_2(loaded):
    made = loaded(sources="sources: [{id: no, name: on, url: 'https://a.example', language: no}]")
    assert (made.sources[0].id, made.sources[0].name, made.sources[0].language) == (
        "no",
        "on",
        "no",
    )


def test_aliases_of_yaml_are_put_in(loaded):
    sources = """\
sources:
  - {id: a, url: https://a.example, headers: &h {X-Key: k}}
  - {id: b, url: https://b.example, headers: *h}
"""
    assert loaded(sources=sources).sources[1].headers == (("X-Key", "k"),)


def test_every_problem_of_all_files_is_reported_at_once_with_its_place(problems):
    found = problems(
        settings="timezone: Asia/Tokio\nserver:\n  port: '80'\n",
        sources="sources:\n  - id: a\n    url: https://a.example\n    wieght: 1\n    every: 15\n",
        topics="topics:\n- id: t\n  all: [[米, $x]]\n",
        outputs="outputs:\n- {id: o, topics: [t, u]}\n",
    )
    assert found == [
        "settings.yaml:1:1: timezone: 'Asia/Tokio' is no known time zone; did you mean 'Asia/Tokyo'?",
        "settings.yaml:3:3: server.port: must be a whole number",
        "sources.yaml:4:5: sources[0].wieght: unknown key; did you mean 'weight'?",
        "sources.yaml:5:5: sources[0].every: 15 is no duration: write it as 90s, 15m, 6h or 7d",
        "topics.yaml:3:10: topics[0].all[0][0]: '米' alone is in everyday words too; as the country write {kanji: 米}",
        "topics.yaml:3:13: topics[0].all[0][1]: no alias '$x' here",
        "outputs.yaml:2:23: outputs[0].topics[1]: no topic 'u'",
    ]


def test_ids_of_a_file_that_cannot_be_read_are_not_called_unknown(problems):
    found = problems(topics="topics: [", outputs="outputs: [{id: o, topics: [u]}]")
    assert [line.partition(":")[0] for line in found] == ["topics.yaml"]


def test_ids_of_a_topic_with_another_mistake_are_still_known(problems):
    found = problems(
        topics="topics: [{id: t, all: [[x]], threshold: much}]",
        outputs="outputs: [{id: o, topics: [t]}]",
    )
    assert found == ["topics.yaml:1:30: topics[0].threshold: must be a number"]


SLUG = "must be a slug: small letters a-z, digits and -, at most 64"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{id: a}", "2:5: sources[0]: needs `url`, or `feeds` where it has several"),
        (
            "{id: a, url: https://a.example, feeds: [{url: https://b.example}]}",
            "2:13: sources[0].url: belongs to a feed: write it inside `feeds`",
        ),
        ("{id: a, feeds: []}", "2:13: sources[0].feeds: must not be empty"),
        ("{id: a, id: b, url: https://a.example}", "2:13: sources[0].id: the key is given twice"),
        ("5", "2:5: sources[0]: must be a mapping (key: value)"),
        ("{id: ../x, url: https://a.example}", f"2:6: sources[0].id: {SLUG}"),
        ("{id: ａ, url: https://a.example}", f"2:6: sources[0].id: {SLUG}"),
        ("{url: https://a.example}", "2:5: sources[0].id: this key is needed"),
        ("{id: 5, url: https://a.example}", "2:6: sources[0].id: must be text: put it in quotes"),
        (
            "{id: a, url: https://a.example, headers: {Host: x}}",
            "2:47: sources[0].headers.Host: the header Host is set by the program itself",
        ),
        (
            "{id: a, url: https://a.example, headers: {X: 5}}",
            "2:47: sources[0].headers.X: must be text (in quotes) that a header can carry",
        ),
        (
            "{id: a, url: https://a.example/x}\n  - {id: a, url: https://b.example}",
            "3:6: sources[1].id: the id 'a' is taken in line 2",
        ),
        (
            "{id: a, url: https://a.example/x}\n  - {id: b, url: https://A.example:443/x#y}",
            "3:13: sources[1].url: the same feed as in line 2",
        ),
    ],
)
def test_a68_what_a_source_cannot_be(problems, source, expected):
    assert problems(sources=f"sources:\n  - {source}\n") == [f"sources.yaml:{expected}"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/", "//a.example/", "a.example", "http:/a.example", "https://", "https:///x",
        "https://a b.example/", "https://a.example/x y", "https://a.example\\x", "https://u:p@a.example/",
        "https://a.example:99999/", "https://a.example:0/", "https://127.1/", "https://0x7f000001/",
        "https://2130706433/", "https://[fe80::1%25eth0]/", "https://[::1/", "javascript:alert(1)",
        f"https://{'a' * 64}.example/", "https://a..example/", f"https://a.example/{'x' * 2050}",
    ],
)  # fmt: skip
def test_addresses_that_nobody_can_mean_are_refused(problems, url):
    [problem] = problems(sources=f"sources:\n  - id: a\n    url: '{url}'\n")
    assert problem.startswith("sources.yaml:3:5: sources[0].url: ")
    assert url not in problem


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example", "HTTP://A.example:8080/x?k=1#f", "https://日本.example/新聞",
        "http://127.0.0.1:8080/f", "http://[::1]:8080/f", "https://a_b.example./",
    ],
)  # fmt: skip
def test_an_address_is_kept_as_it_is_written(loaded, url):
    assert loaded(sources=f"sources: [{{id: a, url: '{url}'}}]").sources[0].feeds[0].url == url


@pytest.mark.parametrize(
    "span", ["15", "'15'", "15 m", "1h30m", "-5m", "0s", "1.5h", "99999d", "15M", "null x"]
)
def test_a_duration_needs_a_whole_number_and_a_unit(problems, span):
    [problem] = problems(sources=f"sources: [{{id: a, url: 'https://a.example', every: {span}}}]")
    assert problem.startswith("sources.yaml:1:45: sources[0].every: ")


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("all: [[露]]", "'露' alone is in everyday words too; as the country write {kanji: 露}"),
        ("all: [[ﾛ]]", "'ﾛ' alone is in everyday words too; as the country write {kanji: ﾛ}"),
        ("all: [[獨]]", "'獨' alone is in everyday words too; as the country write {kanji: 獨}"),
        ("all: [[x], []]", "must not be empty"),
        ("all: [x]", "must be a list"),
        ("all: [['']]", "a term must not be empty"),
        ("all: [[{kanji: 米国}]]", "{kanji: X} takes one character, the sign of a country"),
        (
            "all: [[{word: x}]]",
            "a term is text, or one of {case: X} {stem: X} {kanji: X} {regex: X}",
        ),
        ("all: [[{regex: 'x*'}]]", "the regular expression matches the empty text, so everything"),
        ("all: [[x]], near: close", "must be a number of characters, `title` or `anywhere`"),
        ("all: [[x]], near: true", "must be a number of characters, `title` or `anywhere`"),
        ("all: [[x]], weights: {$a: 1}", "'$a': an alias cannot be weighted"),
        ("all: [[x]], weights: {y: much}", "must be a number"),
        ("all: [[$a]], aliases: {a: [$b], b: [$c], c: [$b]}", "the alias contains itself"),
        ("all: [[$us]], aliases: {usa: [x]}", "no alias '$us' here; did you mean 'usa'?"),
        ("all: [[x]], name: {}", "must not be empty"),
        ("all: [[x]], name: {Japanese: x}", "'Japanese' is no language code like ja or en"),
    ],
)
def test_what_a_topic_cannot_be(problems, topic, expected):
    found = problems(topics=f"topics: [{{id: t, {topic}}}]")
    assert {line.split(": ", 2)[2] for line in found} == {expected}


def test_a70_a_regular_expression_must_run_in_linear_time(problems, capfd):
    [problem] = problems(topics=r"topics: [{id: t, all: [[{regex: '(a)\1'}]]}]")
    assert "topics[0].all[0][0]: not a regular expression that runs in linear time: " in problem
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "name", ["digests", "digest-x", "story-1", "status", "edits", "suppressed"]
)
def test_the_programs_own_feeds_cannot_be_redefined(problems, name):
    assert problems(outputs=f"outputs: [{{id: {name}}}]") == [
        f"outputs.yaml:1:12: outputs[0].id: {name!r} is a feed of the program itself"
    ]
    assert len(problems(outputs="", topics=f"topics: [{{id: {name}, all: [[x]]}}]")) == 1


@pytest.mark.parametrize(
    ("digest", "expected"),
    [
        ("editions: {daily: '07:00'}", "needs exactly one of `topic`, `topics`, `output`"),
        ("topic: t, output: all, editions: {daily: '07:00'}", "needs exactly one of `topic`, `topics`, `output`"),
        ("topic: t, editions: {}", "needs daily, morning, evening or weekly"),
        ("topic: t, editions: {daily: 7}", '7 is no time of day: write it as "07:00"'),
        ("topic: t, editions: {daily: '24:00'}", "'24:00' is no time of day: write it as \"07:00\""),
        ("output: nope, editions: {daily: '07:00'}", "no output 'nope'"),
        ("topic: t, editions: {weekly: {day: monday, at: '07:00'}}", "must be 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or 'sun'"),
    ],
)  # fmt: skip
def test_what_a_digest_cannot_be(problems, digest, expected):
    found = problems(topics="topics: [{id: t, all: [[x]]}]", outputs=f"digests: [{{{digest}}}]")
    assert {line.split(": ", 2)[2] for line in found} == {expected}


def test_a_subject_has_one_digest(problems):
    digests = "digests:\n" + "  - {topic: t, editions: {daily: '07:00'}}\n" * 2
    assert problems(topics="topics: [{id: t, all: [[x]]}]", outputs=digests) == [
        "outputs.yaml:3:5: digests[1]: a second digest of the same: see line 2"
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("polling: {min_interval: 2h, max_interval: 1h}", "must be in order: min_interval, default_interval, max_interval"),
        ("polling: {max_body: 10485760}", "10485760 is no size: write it as 512KiB or 10MiB"),
        ("polling: {max_body: 10MB}", "'10MB' is no size: write it as 512KiB or 10MiB"),
        ("polling: {concurrency: 0}", "must be at least 1"),
        ("network: {allow_private: [10.0.0.5]}", "'10.0.0.5' needs a port: write it as host:8080 or 10.0.0.5:*"),
        ("network: {allow_private: ['10.0.0.500:80']}", "'10.0.0.500:80' names no host, address or network"),
        ("network: {proxy: 'socks://x'}", "must be a URL that begins with http:// or https://"),
        ("storage: {url: mysql://x}", "must be sqlite"),
        ("storage: {url: 'postgresql://u:p@db/x'}", "PostgreSQL is not built into this version: write sqlite"),
        ("storage: {url: 'postgres://db/x'}", "PostgreSQL is not built into this version: write sqlite"),
        ("public_url: https://a.example/?x", "must have no ? and no #"),
        ("websub: {subscribe: 'no'}", "must be true or false"),
        ("language: fr", "must be 'ja' or 'en'"),
        ("server: {port: 1.5}", "must be a whole number"),
        ("server: {port: 70000}", "must be at most 65535"),
        ("stories: []", "must be a mapping (key: value)"),
        ("- a", "must be a mapping (key: value)"),
    ],
)  # fmt: skip
def test_what_a_setting_cannot_be(problems, settings, expected):
    [problem] = problems(settings=settings)
    assert problem.endswith(f": {expected}")


@pytest.mark.parametrize("form", ["{outlet}", "{title} {x}", "{title", "{title!r:{outlet}}{}"])
def test_a_title_form_holds_the_title(problems, form):
    [problem] = problems(outputs=f"outputs: [{{id: o, title_form: '{form}'}}]")
    assert problem.startswith("outputs.yaml:1:19: outputs[0].title_form: ")


def test_a_variable_that_is_not_set_is_an_error_at_its_place(problems):
    sources = 'sources:\n  - id: a\n    url: "https://a.example/${KEY}/${KEY}"\n'
    assert problems({}, sources=sources) == [
        "sources.yaml:3:5: sources[0].url: the environment variable KEY is not set"
    ]


def test_messages_never_show_what_the_environment_holds(problems):
    secret = "s3cr3t v4lue\\"
    keys = {
        "id", "name", "homepage", "language", "timezone", "weight", "access", "fold", "url", "every", "kind",
    }  # fmt: skip
    source = "\n    ".join(f'{key}: "${{SECRET}}"' for key in sorted(keys))
    found = problems(
        {"SECRET": secret},
        sources=f'sources:\n  - {source}\n    keep_query: "${{SECRET}}"\n    headers: {{"X": "${{SECRET}}あ"}}\n',
        settings='timezone: "${SECRET}"\nserver: {port: "${SECRET}"}\nstorage: {url: "${SECRET}"}\n'
        'polling: {timeout: "${SECRET}", max_body: "${SECRET}"}\nnetwork: {allow_private: ["${SECRET}"], proxy: "${SECRET}"}',
        topics='topics: [{id: t, near: "${SECRET}", all: [[x, "$${SECRET}"]], threshold: "${SECRET}"}]',
        outputs='outputs: [{id: o, topics: ["${SECRET}"], notify: {url: "${SECRET}", quiet: "${SECRET}"}, title_form: "${SECRET}"}]\n'
        'mute: [{words: [x], until: "${SECRET}"}]\ndigests: [{topic: "${SECRET}", editions: {daily: "${SECRET}"}}]',
    )
    assert len(found) > 20
    assert not [line for line in found if "s3cr3t" in line or "v4lue" in line]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "sources.yaml").mkdir()
    (tmp_path / "topics.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, {})
    assert caught.value.problems == [
        f"{tmp_path}/sources.yaml:1:1: cannot be read: not a regular file",
        f"{tmp_path}/topics.yaml:1:1: a symbolic link to nothing",
    ]


@pytest.mark.parametrize(
    "name",
    ["../x", "a/b", "..", "a\\0", "%2e%2e", "a\\n", "a.b", "-a", "A", "ａ", "а", "", "a" * 65, "a" * 300],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["sources", "topics", "outputs"])
def test_a68_an_id_that_becomes_a_name_of_a_file_is_a_slug(problems, loaded, kind, name):
    rest = {"sources": "url: https://a.example", "topics": "all: [[x]]", "outputs": "title: x"}
    found = problems(**{kind: f'{kind}: [{{id: "{name}", {rest[kind]}}}]'})
    assert [f"{kind}[0].id: " in problem for problem in found] == [True]
    loaded(**{kind: f'{kind}: [{{id: "sound-1", {rest[kind]}}}]'})


@pytest.mark.parametrize(
    "name", ["digests", "status", "edits", "suppressed", "digest-x", "story-x"]
)
def test_a68_the_names_of_our_own_feeds_are_nobody_else_s(problems, name):
    assert problems(outputs=f"outputs: [{{id: {name}, title: x}}]")
    assert problems(topics=f"topics: [{{id: {name}, all: [[x]]}}]")
