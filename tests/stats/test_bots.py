import crawleruseragents
import pytest

from stats import bots

BROWSERS = {
    "Cốc Cốc": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML,"
    " like Gecko) coc_coc_browser/133.0.114 Chrome/127.0.6533.114 Safari/537.36",
    "Cốc Cốc phone": "Mozilla/5.0 (Linux; Android 13; SM-A135F) AppleWebKit/537.36"
    " (KHTML, like Gecko) CocCoc/113.0 Chrome/113.0.0.0 Mobile Safari/537.36",
    "Zalo": "Mozilla/5.0 (Linux; Android 12; V2111 Build/SP1A; wv)"
    " AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.0.0 Mobile"
    " Safari/537.36 Zalo android/12100769 ZaloTheme/light ZaloLanguage/vi",
    "Facebook in-app": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)"
    " AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/"
    "458.0.0.38.109;FBBV/584;FBDV/iPhone12,1;FBLC/vi_VN;FBOP/5]",
    "CUBOT phone": "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36"
    " (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36",
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Safari": "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_4) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
    "Edge": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like"
    " Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
    "Samsung": "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A145F) AppleWebKit/537.36"
    " (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36",
    "UC Browser": "Mozilla/5.0 (Linux; U; Android 10; vi; RMX2030) AppleWebKit/537.36"
    " (KHTML, like Gecko) Version/4.0 Chrome/78.0.3904.108 UCBrowser/13.4.0.1306"
    " Mobile Safari/537.36",
    "TikTok": "Mozilla/5.0 (Linux; Android 12; CPH2239) AppleWebKit/537.36 (KHTML, like"
    " Gecko) Version/4.0 Chrome/115.0 Mobile Safari/537.36 trill_310503"
    " BytedanceWebview",
}


@pytest.mark.parametrize("agent", BROWSERS.values(), ids=BROWSERS.keys())
def test_browsers_used_in_vietnam_are_no_robots(agent):
    assert not bots.is_bot(agent)


@pytest.mark.parametrize(
    "agent",
    [
        "",
        "curl/8.5.0",
        "python-requests/2.31",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 (compatible; coccocbot-web/1.0; +http://help.coccoc.com/searchengine)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0.0.0 Safari/537.36",
    ],
)
def test_robots_are_recognised(agent):
    assert bots.is_bot(agent)


def test_the_public_list_is_caught():
    listed = [
        agent
        for entry in crawleruseragents.CRAWLER_USER_AGENTS_DATA
        for agent in entry["instances"]
    ]
    caught = sum(bots.is_bot(agent) for agent in listed)
    assert len(listed) > 1000
    assert caught >= 0.95 * len(listed)
