"""What an item says, as HTML of ours around the words of others: every one of their characters escaped."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from aggregator.model.identifiers import SourceId, StoryId, TopicId
from aggregator.model.output import Output
from aggregator.model.query import StoryFile
from aggregator.publish.address import web_address
from aggregator.publish.context import PublishContext, links_to_own_pages, own_page
from aggregator.publish.labels import Labels, labels
from aggregator.publish.plain_text import markup, plain_line
from aggregator.publish.reports import (
    Article,
    articles_of,
    carriers,
    is_paid,
    listed,
    outlets_and_origins,
    report_of,
    reported_at,
)
from aggregator.publish.summary import summary_of


def content_of(view: StoryFile, output: Output, ctx: PublishContext) -> str:
    """Return the content of a story's item; never empty, never with an empty paragraph."""
    words = labels(output.language)
    lead, *others = articles_of(view)
    blocks = [
        _paragraph(correction_of(view, output, ctx)),
        _paragraph(_summary(lead, ctx, words)),
        _paragraph(_copies(lead, ctx, words)),
        _others(view, others, ctx, words),
        _paragraph(_topics(view, output, ctx, words)),
        _paragraph(_story_page(view.story.id, ctx, words)),
    ]
    return "".join(blocks)


def correction_of(view: StoryFile, output: Output, ctx: PublishContext) -> str:
    """Return the line about the latest correction among the reports; empty where there is none."""
    corrections = [filed for filed in view.entries if ctx.marks(filed).correction]
    if not corrections:
        return ""
    words = labels(output.language)
    latest = max(corrections, key=lambda f: (reported_at(f), f.entry.id))
    report = report_of(Article(shown=latest, copies=(), credit=None), ctx)
    outlet, headline = markup(report.outlet), _link(report.url, report.title or words.untitled)
    at = words.in_brackets(_moment(report.at, ctx, words))
    return words.correction(f"{outlet}{words.quoted(headline)}{at}")


def topics_of(
    view: StoryFile, output: Output, ctx: PublishContext
) -> tuple[tuple[TopicId, str], ...]:
    """Return the configured topics of a story with their names in the output's language."""
    known = (ctx.topics.get(match.topic) for match in view.story.topics)
    return tuple((t.id, plain_line(t.name(output.language))) for t in known if t is not None)


def _summary(lead: Article, ctx: PublishContext, words: Labels) -> str:
    entry = lead.shown.entry
    summary = summary_of(entry.summary, entry.title, ctx.audience)
    credit = _outlet(entry.source, ctx, words) + _marks(is_paid(lead.shown, ctx), "news", words)
    return f"{markup(summary)}{words.in_brackets(credit)}" if summary else credit


def _others(view: StoryFile, others: Sequence[Article], ctx: PublishContext, words: Labels) -> str:
    if not others:
        return ""
    shown = listed(others)
    lines = "".join(f"<li>{_report(article, ctx, words)}</li>" for article in shown)
    heading = markup(words.other_reports(*outlets_and_origins(view, others)))
    rest = len(others) - len(shown)
    return f"<p>{heading}</p><ul>{lines}</ul>{_paragraph(words.more(rest) if rest else '')}"


def _report(article: Article, ctx: PublishContext, words: Labels) -> str:
    report = report_of(article, ctx)
    headline = _link(report.url, report.title or words.untitled)
    marks = _marks(report.paid, report.kind, words)
    at = _moment(report.at, ctx, words)
    line = f"{_outlet(report.source, ctx, words)} {markup(at)} {headline}{marks}"
    copies = _copies(article, ctx, words)
    return f"{line}<br>{copies}" if copies else line


def _copies(article: Article, ctx: PublishContext, words: Labels) -> str:
    outlets = carriers(article, ctx)
    return markup(words.copies(article.credit, outlets)) if outlets else ""


def _topics(view: StoryFile, output: Output, ctx: PublishContext, words: Labels) -> str:
    names = [name for _, name in topics_of(view, output, ctx)]
    return markup(words.topics(names)) if names else ""


def _story_page(story: StoryId, ctx: PublishContext, words: Labels) -> str:
    if not links_to_own_pages(ctx):
        return ""
    return _link(web_address(own_page(ctx, f"stories/{story}")), words.story_page)


def _outlet(id: SourceId, ctx: PublishContext, words: Labels) -> str:
    """Return an outlet's name with the note that the operator wants beside it."""
    source = ctx.sources.get(id)
    note = plain_line(source.note or "") if source is not None else ""
    return markup(plain_line(ctx.outlet(id)) + (words.in_brackets(note) if note else ""))


def _marks(paid: bool, kind: str, words: Labels) -> str:
    kinds = {"video": words.video, "audio": words.audio}
    return markup((words.paid if paid else "") + kinds.get(kind, ""))


def _moment(at: datetime, ctx: PublishContext, words: Labels) -> str:
    return words.moment(at.astimezone(ZoneInfo(ctx.timezone)))


def _link(url: str | None, text: str) -> str:
    return f'<a href="{markup(url)}">{markup(text)}</a>' if url else markup(text)


def _paragraph(html: str) -> str:
    return f"<p>{html}</p>" if html else ""
