"""The checked models of the four files, composed into the values that the rest of the house uses."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from aggregator.model.digest import DigestPlan, EditionKind, EditionTime
from aggregator.model.identifiers import FeedUrl, OutputId, SourceId, TopicId
from aggregator.model.output import Audience, Items, Notify, Output, Updates
from aggregator.model.source import Access, FeedKind, FeedSpec, Source
from aggregator.model.topic import Term, Topic
from aggregator.settings import configuration
from aggregator.settings.checks import digest_subject
from aggregator.settings.configuration import Configuration, Mute, Settings
from aggregator.settings.schema import (
    DigestModel,
    EditionsModel,
    MuteModel,
    OutputModel,
    OutputsFile,
    PollingModel,
    SettingsFile,
    SourceModel,
    SourcesFile,
    TopicModel,
    TopicsFile,
)
from aggregator.settings.terms import expand

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TITLES: Final = {
    "all": {"ja": "すべてのニュース", "en": "All news"},
    "combined": {"ja": "まとめ", "en": "All topics"},
}


def assemble(
    directory: Path,
    settings: SettingsFile,
    sources: SourcesFile,
    topics: TopicsFile,
    outputs: OutputsFile,
) -> Configuration:
    """Compose the four files, which were found right, into one configuration."""
    made = tuple(topic_from(model) for model in topics.topics)
    zone = ZoneInfo(settings.timezone)
    return Configuration(
        directory=directory,
        settings=settings_from(settings),
        sources=tuple(source_from(model) for model in sources.sources),
        topics=made,
        outputs=_outputs(outputs, made, settings.language),
        mutes=tuple(_mute(model, zone) for model in outputs.mute),
        digests=tuple(_digest_plan(model) for model in outputs.digests),
    )


def settings_from(model: SettingsFile) -> Settings:
    """Make the settings of settings.yaml."""
    return Settings(
        timezone=model.timezone,
        language=model.language,
        public_url=model.public_url,
        audience=Audience(model.audience),
        server=configuration.ServerSettings(**dict(model.server)),
        storage_url=model.storage.url,
        polling=_polling(model.polling),
        network=configuration.NetworkSettings(**dict(model.network)),
        stories=configuration.StoriesSettings(**dict(model.stories)),
        retention=configuration.RetentionSettings(**dict(model.retention)),
        websub=configuration.WebSubSettings(**dict(model.websub)),
    )


def _polling(model: PollingModel) -> configuration.PollingSettings:
    """Make the polling settings; an interval that is not given keeps within those that are."""
    intervals = ("min_interval", "default_interval", "max_interval")
    low, middle, high = (getattr(model, name) for name in intervals)
    given = model.model_fields_set
    if "min_interval" not in given:
        low = min([low, *(getattr(model, name) for name in intervals if name in given)])
    if "max_interval" not in given:
        high = max([high, *(getattr(model, name) for name in intervals if name in given)])
    if "default_interval" not in given:
        middle = min(max(low, middle), high)
    changed = {"min_interval": low, "default_interval": middle, "max_interval": high}
    return configuration.PollingSettings(**{**dict(model), **changed})


def source_from(model: SourceModel) -> Source:
    """Make a source; the short form becomes its only feed."""
    if model.feeds is not None:
        feeds = tuple(
            FeedSpec(url=FeedUrl(feed.url), every=feed.every, kind=FeedKind(feed.kind))
            for feed in model.feeds
        )
    else:
        url = FeedUrl(model.url or "")
        feeds = (FeedSpec(url=url, every=model.every, kind=FeedKind(model.kind)),)
    return Source(
        id=SourceId(model.id),
        name=model.name or model.id,
        short=model.short,
        note=model.note,
        homepage=model.homepage,
        language=model.language,
        timezone=model.timezone,
        weight=float(model.weight),
        access=Access(model.access),
        fold=model.fold,
        full_text=model.full_text,
        images=model.images,
        enabled=model.enabled,
        keep_query=model.keep_query,
        headers=tuple(model.headers.items()),
        feeds=feeds,
    )


def topic_from(model: TopicModel) -> Topic:
    """Make a topic, its aliases put in."""
    return Topic(
        id=TopicId(model.id),
        names=tuple(model.name.items()) or (("", model.id),),
        all=tuple(expand(terms, model.aliases) for terms in model.all),
        never=expand(model.never, model.aliases),
        near=model.near,
        weights=tuple(
            (Term(term.strip()), float(points)) for term, points in model.weights.items()
        ),
        threshold=float(model.threshold),
    )


def _outputs(model: OutputsFile, topics: tuple[Topic, ...], language: str) -> tuple[Output, ...]:
    """Return the outputs as listed, or the two of a start; then those per topic that are not listed."""
    if model.outputs is None:
        listed = _starting_outputs(topics, language)
    else:
        listed = [_output(output, language) for output in model.outputs]
    if model.per_topic:
        taken = {str(output.id) for output in listed}
        listed += [_topic_output(topic, language) for topic in topics if topic.id not in taken]
    return tuple(listed)


def _starting_outputs(topics: tuple[Topic, ...], language: str) -> list[Output]:
    every = Output(id=OutputId("all"), title=_TITLES["all"][language], language=language)
    combined = Output(
        id=OutputId("combined"),
        title=_TITLES["combined"][language],
        topics=tuple(topic.id for topic in topics),
        language=language,
    )
    return [every, combined]


def _topic_output(topic: Topic, language: str) -> Output:
    return Output(
        id=OutputId(topic.id), title=topic.name(language), topics=(topic.id,), language=language
    )


def _output(model: OutputModel, language: str) -> Output:
    given = {key: getattr(model, key) for key in model.model_fields_set}
    notify: dict[str, Any] | None = dict(model.notify) if model.notify else None
    made: dict[str, Any] = {
        **{key: value for key, value in given.items() if value is not None},
        "title": model.title or model.id,
        "language": model.language or language,
        "items": Items(model.items),
        "updates": Updates(model.updates),
        "notify": Notify(**notify) if notify else None,
    }
    return Output(**made)


def _mute(model: MuteModel, zone: ZoneInfo) -> Mute:
    """Make a mute; its last day ends in the reader's zone."""
    until = None
    if model.until is not None:
        day_after = datetime.combine(model.until + timedelta(days=1), time(), zone)
        until = day_after.astimezone(UTC)
    return Mute(words=model.words, until=until)


def _digest_plan(model: DigestModel) -> DigestPlan:
    topics = model.topics or ((model.topic,) if model.topic else ())
    return DigestPlan(
        subject=digest_subject(dict(model)),
        topics=topics,
        output=model.output,
        editions=tuple(_editions(model.editions)),
        note_when_empty=model.empty == "note",
    )


def _editions(model: EditionsModel) -> list[EditionTime]:
    daily = {
        EditionKind.DAILY: model.daily,
        EditionKind.MORNING: model.morning,
        EditionKind.EVENING: model.evening,
    }
    made = [
        EditionTime(kind=kind, hour=clock[0], minute=clock[1])
        for kind, clock in daily.items()
        if clock is not None
    ]
    if model.weekly is not None:
        hour, minute = model.weekly.at
        weekday = _DAYS.index(model.weekly.day)
        made.append(EditionTime(kind=EditionKind.WEEKLY, hour=hour, minute=minute, weekday=weekday))
    return made
