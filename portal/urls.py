"""The whole site on one screen. Public addresses are a promise.

`public_page` says here, and nowhere else, which answers are the same for every
reader and are kept by the page cache.
"""

from django.contrib import admin
from django.urls import include, path

from news import feeds, leader_views, sitemaps
from news import views as news
from portal import calendar_views as calendar
from portal import health_views, metrics
from portal import views as portal
from portal.notices import views as notices
from portal.pagecache import public_page
from portal.secondfactor import urls as secondfactor
from portal.sessions import views as sessions
from search import feeds as search_feeds
from search import views as search
from stats import views as stats

news_urls = [
    path("tin-tuc/<slug:slug>-<int:pk>/", public_page(news.article), name="article"),
    path("chuyen-muc/<slug:slug>/", public_page(news.category), name="category"),
    path(
        "chuyen-muc/<slug:slug>/rss/",
        public_page(feeds.CategoryFeed()),
        name="category_feed",
    ),
    path("tin-nong/", public_page(news.hot), name="hot"),
    path("tin-tieu-diem/", public_page(news.focus), name="focus"),
    path("the/<slug:slug>/", public_page(news.tag), name="tag"),
    path("rss/", public_page(feeds.LatestFeed()), name="feed"),
    path("tai-ve/<int:pk>/<str:name>", news.download, name="download"),
    # For one leader each, never kept: the token is the permission.
    path("xem-truoc/<str:token>/", leader_views.page, name="leader"),
    path("xem-truoc/<str:token>/tep/<int:pk>/", leader_views.file, name="leader_file"),
]

urlpatterns = [
    path("", public_page(portal.home), name="home"),
    path("", include((news_urls, "news"))),
    path("tim-kiem/", public_page(search.results, store=False), name="search"),
    path(
        "tim-kiem/goi-y/",
        public_page(search.suggestions, store=False),
        name="suggestions",
    ),
    path(
        "tim-kiem/rss/",
        public_page(search_feeds.feed, store=False),
        name="search_feed",
    ),
    path("lich-cong-tac/", public_page(calendar.week), name="calendar"),
    path(
        "lich-cong-tac/<int:year>-W<int:week>/",
        public_page(calendar.week),
        name="calendar_week",
    ),
    path("lich-cong-tac.ics", public_page(calendar.ics), name="calendar_ics"),
    path("trang/<slug:slug>/", public_page(portal.page), name="page"),
    path("so-do-trang/", public_page(portal.site_map), name="site_map"),
    path("thong-ke-truy-cap/", public_page(stats.public), name="statistics"),
    path("sitemap.xml", public_page(sitemaps.index), name="sitemap"),
    path(
        "sitemap-<slug:section>-<int:number>.xml",
        public_page(sitemaps.section),
        name="sitemap_section",
    ),
    path("sitemap-tin-tuc.xml", public_page(sitemaps.news), name="sitemap_news"),
    path("robots.txt", public_page(portal.robots), name="robots"),
    path(
        ".well-known/security.txt",
        public_page(portal.security_txt),
        name="security_txt",
    ),
    path("favicon.ico", public_page(portal.favicon), name="favicon"),
    path("healthz", portal.healthz, name="healthz"),
    path("readyz", portal.readyz, name="readyz"),
    path("metrics", metrics.page, name="metrics"),
    path("admin/tinh-trang/", include((health_views.admin_urls, "health"))),
    path("admin/thong-ke/", include((stats.admin_urls, "stats"))),
    path("admin/thong-bao/", include((notices.admin_urls, "notices"))),
    path("admin/phien/", include((sessions.admin_urls, "sessions"))),
    path("admin/xac-thuc/", include((secondfactor.sign_in_urls, "sign_in"))),
    path("admin/bao-mat/", include((secondfactor.own_urls, "secondfactor"))),
    path("admin/", admin.site.urls),
]

handler404 = "portal.views.not_found"
handler500 = "portal.views.server_error"
handler400 = "portal.views.bad_request"
handler403 = "portal.views.forbidden"
