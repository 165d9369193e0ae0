"""Line icons, drawn on a 24-unit grid with round caps. One function puts one into a page."""

from __future__ import annotations

from markupsafe import Markup

PATHS: dict[str, str] = {
    "home": "M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-5v-6h-4v6H5a1 1 0 0 1-1-1z",
    "tree": "M12 4v4M6 20v-4h12v4M12 8v8M9 4h6v4H9zM4 20h4M16 20h4M10 20h4",
    "school": "M3 9l9-5 9 5-9 5zM7 11.5V16c3 2.4 7 2.4 10 0v-4.5M21 9v6",
    "region": "M12 21s7-6.2 7-11.5A7 7 0 0 0 5 9.500C5 14.800 12 21 12 21zM12 12a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
    "people": "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-3.600 2.600-6 6-6s6 2.400 6 6M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500c2 .9 3 2.900 3 5.500",
    "pupil": "M5 4h14v16H5zM9 9.500a2 2 0 1 0 4 0 2 2 0 0 0-4 0zM8 16c.5-1.800 1.600-2.600 3-2.600s2.500.8 3 2.600M16 9h1M16 12h1",
    "staff": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c.8-4 3.500-6 7-6s6.200 2 7 6",
    "class": "M4 5h16v11H4zM9 20h6M12 16v4",
    "import": "M4 6c0-1.700 3.600-3 8-3s8 1.300 8 3-3.600 3-8 3-8-1.300-8-3zM4 6v12c0 1.700 3.600 3 8 3M4 12c0 1.700 3.600 3 8 3M17 21v-7M14 17l3-3 3 3",
    "matrix": "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
    "shield": "M12 3l7 3v5c0 4.800-3 8-7 10-4-2-7-5.200-7-10V6zM9 12l2 2 4-4",
    "trail": "M5 6h14M5 12h8M5 18h5M17.500 19a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM19.500 18.500L22 21",
    "health": "M3 12h4l2-6 4 12 2-6h6",
    "search": "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13zM15.500 15.500L20 20",
    "chevron": "M9 6l6 6-6 6",
    "updown": "M8 10l4-4 4 4M8 14l4 4 4-4",
    "check": "M5 12.500l4.500 4.500L19 7.500",
    "warning": "M12 4l9 16H3zM12 10v4M12 17v.5",
    "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.5",
    "download": "M12 4v11M7.500 11l4.500 4.500 4.500-4.500M4 20h16",
    "print": "M7 9V4h10v5M7 17H4v-8h16v8h-3M7 14h10v6H7z",
    "lock": "M6 11h12v9H6zM9 11V8a3 3 0 0 1 6 0v3",
    "eye": "M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "exit": "M14 4H5v16h9M10 12h11M17.500 8.500L21 12l-3.500 3.500",
    "file": "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
    "clock": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2",
    "empty": "M4 7l2-3h12l2 3v13H4zM4 7h16M9.500 11h5",
    "type": "M4 18L9 6l5 12M5.800 14h6.400M15 18l3-7 3 7M16 15.700h4",
}


def icon(name: str, size: int = 20) -> Markup:
    """An inline SVG of ``size`` px, hidden from screen readers: the text beside it speaks."""
    return Markup(
        '<svg class="lq-icon" width="{0}" height="{0}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="1.700" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        '<path d="{1}"/></svg>'
    ).format(size, PATHS[name])
