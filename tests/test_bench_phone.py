"""The measuring of phones says plainly what it lacks, and when a goal is missed."""

import pytest

from bench import lighthouse, phone


def report(performance=0.97, seo=1, crawlable=1):
    """A report of Lighthouse, of what is read of it."""
    categories = {
        name: {"score": 1, "auditRefs": [{"id": "is-crawlable", "weight": 4}]}
        for name in lighthouse.GOALS
    }
    categories["performance"]["score"] = performance
    categories["seo"]["score"] = seo
    audits = {id: {"displayValue": "1.2\xa0s"} for id in lighthouse.TIMES.values()}
    audits["is-crawlable"] = {
        "score": crawlable,
        "scoreDisplayMode": "binary",
        "title": "Page is blocked from indexing",
    }
    return {"categories": categories, "audits": audits}


def test_scores_that_meet_the_goals(capsys):
    assert lighthouse.show("home", report())
    assert "LCP 1.2 s" in capsys.readouterr().out


def test_a_lost_point_is_named(capsys):
    assert not lighthouse.show("search", report(seo=0.66, crawlable=0))
    assert "is-crawlable: Page is blocked" in capsys.readouterr().out
    assert not lighthouse.show("home", report(performance=0.94))


@pytest.mark.parametrize("tool", [lighthouse, phone])
def test_what_is_missing_on_the_machine_is_said(monkeypatch, tmp_path, tool):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(SystemExit, match="apt-get install"):
        tool.main([])


def reading(lcp):
    return phone.Reading(lcp, "img.fx-5", 900, 2000, 200_000, 0, [])


def test_a_slow_home_page_misses_the_goal(capsys):
    quick = {"home": [reading(1400)] * 3, "article": [reading(1200)]}
    assert phone.show(quick)
    slow = {**quick, "home": [reading(1400), reading(2600), reading(2700)]}
    assert not phone.show(slow)
    assert "MISSED" in capsys.readouterr().out
