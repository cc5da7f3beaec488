"""Our own drawings, as paths on a 16 by 16 grid. Put into pages as inline SVG, so that they take the text's colour."""

from collections.abc import Mapping

LINE = "line"
SOLID = "solid"

ICONS: Mapping[str, tuple[str, str]] = {
    # Shapes of the levels: they must differ without colour.
    "tick": (LINE, "M3 8.6 6.4 12 13 4.6"),
    "half": (SOLID, "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm0 1.9v10.2a5.1 5.1 0 0 0 0-10.2Z"),
    "question": (LINE, "M5.2 5.6A2.9 2.9 0 1 1 8 8.6v1.5M8 13v.2"),
    "diamond": (SOLID, "M8 1.2 14.8 8 8 14.8 1.2 8Z"),
    "square": (SOLID, "M2.5 2.5h11v11h-11Z"),
    "dash": (LINE, "M3.5 8h9"),
    "cross": (LINE, "M4 4l8 8M12 4l-8 8"),
    "clock": (LINE, "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm0 2.8V8l2.4 1.8"),
    "hand": (
        LINE,
        "M5 8.5V4a1.1 1.1 0 0 1 2.2 0v3.4M7.2 7V3a1.1 1.1 0 0 1 2.2 0v4M9.4 7.2V4.4a1.1 1.1 0 0 1 2.2 0v5.1c0 2.7-1.4"
        " 4.5-3.9 4.5-2 0-3-.8-4-2.6L2.6 9.2c-.5-1 .8-1.8 1.5-.9L5 9.6",
    ),
    # Navigation.
    "today": (LINE, "M2.5 7.2 8 2.6l5.5 4.6v6.3h-11ZM6.3 13.5V9.6h3.4v3.9"),
    "requests": (LINE, "M6 7.4a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2ZM1.6 13.8c.2-2.8 1.8-4.4 4.4-4.4s4.2 1.6 4.4 4.4M13 5v5M10.5 7.5h5"),
    "todo": (LINE, "M2 4.2 3.3 5.5 5.6 2.9M2 11l1.3 1.3 2.3-2.6M8 4.4h6M8 11.2h6"),
    "leavers": (LINE, "M9.5 5V2.5h-7v11h7V11M6 8h8.2M11.6 5.2 14.4 8l-2.8 2.8"),
    "people": (
        LINE,
        "M5.6 7.4a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1.2 13.6c.2-2.6 1.8-4.2 4.4-4.2s4.2 1.6 4.4 4.2M10.6 2.7a2.3"
        " 2.3 0 0 1 0 4.4M11.8 9.6c1.8.4 2.8 1.8 3 4",
    ),
    "followers": (LINE, "M8 13.6C3.6 10.8 1.8 8.4 1.8 5.9a3.2 3.2 0 0 1 6.2-1 3.2 3.2 0 0 1 6.2 1c0 2.5-1.8 4.9-6.2 7.7Z"),
    "emails": (LINE, "M1.8 3.5h12.4v9H1.8Zm.4.5L8 8.8 13.8 4"),
    "imports": (LINE, "M8 1.8v8M4.9 6.9 8 10l3.1-3.1M2 11.2v2.6h12v-2.6"),
    "concerns": (LINE, "M8 1.8 14.4 13.4H1.6ZM8 6.2v3.4M8 11.4v.2"),
    "audit": (LINE, "M3 1.8h7.2L13 4.6v9.6H3ZM5.4 6.4h5.2M5.4 9h5.2M5.4 11.6h3"),
    "settings": (
        LINE,
        "M2 4.4h6.2M12.2 4.4H14M2 11.6h1.8M7.8 11.6H14M10.2 6.2a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6ZM5.8 13.4a1.8"
        " 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z",
    ),
    "help": (LINE, "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8ZM6.2 6.3A1.9 1.9 0 1 1 8 8.4v.9M8 11.6v.2"),
    # Acts and states.
    "menu": (LINE, "M2 4h12M2 8h12M2 12h12"),
    "lock": (LINE, "M3.2 7.2h9.6v6.6H3.2ZM5.2 7V5a2.8 2.8 0 0 1 5.6 0v2"),
    "unlocked": (LINE, "M3.2 7.2h9.6v6.6H3.2ZM5.2 7V4.8a2.8 2.8 0 0 1 5.4-1"),
    "alarm": (LINE, "M8 1.9 14.8 13.6H1.2ZM8 6.2v3.4M8 11.5v.2"),
    "info": (LINE, "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8ZM8 7.4v3.8M8 4.9v.2"),
    "copy": (LINE, "M5.5 5.5h8v8h-8ZM3 10.5h-.5v-8h8V3"),
    "out": (LINE, "M6.5 3H3v10h10V9.5M9 2.5h4.5V7M13.2 2.8 7.5 8.5"),
    "arrow": (LINE, "M3 8h10M9 4l4 4-4 4"),
    "back": (LINE, "M13 8H3M7 4 3 8l4 4"),
    "refresh": (LINE, "M13.2 6.4A5.6 5.6 0 1 0 13.6 9M13.6 2.6v3.9H9.8"),
    "search": (LINE, "M7 2.4a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2ZM10.4 10.4 14 14"),
    "plus": (LINE, "M8 3v10M3 8h10"),
    "mail": (LINE, "M1.8 3.5h12.4v9H1.8Zm.4.5L8 8.8 13.8 4"),
    "star": (LINE, "M8 1.8 9.9 6l4.5.4-3.4 3 1 4.5L8 11.5 4 13.9l1-4.5-3.4-3L6.1 6Z"),
}
