"""Names of people who do not exist: common ones are many, rare ones few."""

from itertools import product

FIRST = tuple(
    start + end
    for start, end in product(
        ("An", "Mar", "Jo", "Kat", "El", "Tom", "Sof", "Vik", "Dan", "Li", "Per", "Ste", "Ru", "Ama",
         "Ke", "Ol", "Fri", "Gio", "Hen", "Iva"),
        ("a", "ia", "na", "ta", "ko", "en", "in", "as", "is", "or", "ette", "ina", "mund", "beth", "las"),
    )
)  # fmt: skip
_STARTS = ("Ka", "Lo", "Mi", "Ne", "Pe", "Ra", "Si", "To", "Va", "Wi", "Ba", "Cho", "Du", "Fe", "Go",
           "Hu", "Ji", "Sha", "Stra", "Bren")  # fmt: skip
_MIDDLES = ("ber", "da", "lin", "mo", "nov", "ris", "sen", "tal", "vel", "zo", "chan", "der", "gor",
            "kow", "lan", "man", "nik", "pol", "rod", "sto")  # fmt: skip
_ENDS = ("sky", "son", "man", "ez", "ov", "i", "er", "berg", "ing", "wood", "ton", "field", "oglu",
         "ic", "as", "eda", "ari", "ström", "ault", "ley", "ford", "stein", "escu", "wala", "moto",
         "eira", "hage", "mann", "quist", "enko", "adze", "bury", "croft", "dale", "gaard", "holm",
         "ides", "land", "more", "ney", "opoulos", "per", "roth", "shaw", "thwaite", "ulic", "vik",
         "worth", "yan", "zyk")  # fmt: skip


def last_names() -> list[str]:
    """Return 20,000 family names, always the same, neighbours unlike."""
    every = ["".join(parts) for parts in product(_STARTS, _MIDDLES, _ENDS)]
    return [every[(number * 7_919) % len(every)] for number in range(len(every))]
