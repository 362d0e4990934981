"""The hosts and source names that channel rules know, written by hand: search, social, video, shopping, AI assistants.

A `utm_source` matches by name (`google`) or host (`google.com`); a referrer by its host or any parent domain of it.
"""

from __future__ import annotations

from functools import lru_cache

from tldextract import TLDExtract

_extract = TLDExtract(suffix_list_urls=(), cache_dir=None)  # the bundled list: no network, no files

# Engine names, the registrable name without its ending: `google` covers google.com, google.de, google.co.uk …
_ENGINES = frozenset(
    """
    aol baidu bing daum dogpile duckduckgo ecosia google kagi lycos metager mojeek naver presearch qwant seznam sogou
    startpage swisscows yahoo yandex
    """.split()
)
# Engines whose registrable name alone says too little.
_ENGINE_HOSTS = frozenset("ask.com onet.pl search.brave.com so.com".split())
SOCIAL = frozenset(
    """
    bluesky bsky.app discord discord.com facebook facebook.com fb fb.com flickr.com hackernews ig instagram instagram.com
    line.me linkedin linkedin.com lnkd.in mastodon mastodon.social medium.com meetup.com news.ycombinator.com nextdoor.com
    ok.ru pinterest pinterest.com quora quora.com reddit reddit.com snapchat snapchat.com stackoverflow.com t.co t.me
    telegram threads threads.com threads.net tiktok tiktok.com tumblr tumblr.com twitter twitter.com viadeo.com vk vk.com
    vkontakte wa.me wechat weibo weibo.com weixin.qq.com whatsapp whatsapp.com x.com xing xing.com
    """.split()
)
VIDEO = frozenset(
    """
    bilibili.com crackle.com dailymotion dailymotion.com disneyplus.com hulu.com iqiyi.com netflix.com niconico nicovideo.jp
    rumble.com ted.com twitch twitch.tv vimeo vimeo.com wistia.com youtu.be youtube youtube.com
    """.split()
)
SHOPPING = frozenset(
    """
    alibaba alibaba.com aliexpress aliexpress.com allegro.pl amazon amazon.co.jp amazon.co.uk amazon.com amazon.de amazon.es
    amazon.fr amazon.it amazon.pl ceneo.pl ebay ebay.co.uk ebay.com ebay.de etsy etsy.com flipkart.com google-shopping
    idealo idealo.de mercadolibre.com mercadolivre.com.br pricegrabber rakuten.com shopify shopify.com shopping.google.com
    shopzilla taobao.com target.com tmall.com walmart walmart.com zalando zalando.de
    """.split()
)
AI_ASSISTANTS = frozenset(
    """
    bard.google.com character.ai chat.deepseek.com chat.mistral.ai chat.openai.com chatgpt.com claude.ai
    copilot.microsoft.com gemini.google.com grok.com meta.ai openai.com perplexity.ai phind.com pi.ai poe.com x.ai you.com
    """.split()
)
# mail.google.com is not a search.
_OTHER_PRODUCTS = frozenset("accounts calendar classroom docs drive groups mail meet outlook shopping sites".split())


@lru_cache(maxsize=65536)
def registrable_domain(host: str) -> str:
    """`www.shop.co.uk` → `shop.co.uk`; a host without a public ending (`shop.test`, `localhost`) by its last two labels."""
    bare = host.lower().rstrip(".")
    found = _extract(bare)
    if found.suffix and found.domain:
        return f"{found.domain}.{found.suffix}"
    return ".".join(bare.split(".")[-2:])


@lru_cache(maxsize=65536)
def search_engine(host: str) -> str | None:
    """The engine's name if the host is a search engine's: `www.google.de` → `google`."""
    name = _extract(host).domain
    if is_listed(host, _ENGINE_HOSTS):
        return name
    return name if name in _ENGINES and host.split(".")[0] not in _OTHER_PRODUCTS else None


@lru_cache(maxsize=65536)
def is_search(source: str) -> bool:
    """Whether a source is an engine, by its name (`google`) or its host."""
    return source in _ENGINES or search_engine(source) is not None


def is_ai_assistant(host: str) -> bool:
    return is_listed(host, AI_ASSISTANTS)


@lru_cache(maxsize=65536)
def is_listed(source: str, hosts: frozenset[str]) -> bool:
    """Whether a source (a name, or a host with its parent domains) is in a table."""
    labels = source.split(".")
    return any(".".join(labels[start:]) in hosts for start in range(max(1, len(labels) - 1)))
