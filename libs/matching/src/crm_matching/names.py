"""Names of people: titles that are not part of them, and short forms that mean the same."""

from functools import lru_cache

from crm_matching.text import fold

HONORIFICS = frozenset(
    {
        *("dr", "frau", "herr", "hon", "ing", "jr", "lady", "lord", "madame", "md", "miss", "mme"),
        *("mr", "mrs", "ms", "mx", "phd", "prof", "rev", "sig", "sir", "sr", "sra", "dipl", "mag"),
        *("ii", "iii", "esq", "dott", "monsieur", "senor", "senora", "professor", "doctor"),
    }
)
_SHORT_FORMS = """
abigail abby gail|albert al bert bertie|alexander alex alec sandy sasha xander|alexandra alex sandra
alfred al alf fred|andrew andy drew|anne ann anna annie nancy|anthony tony|antoinette toni
arthur art|barbara barb babs|benjamin ben benny|bernard bernie|beverly bev|bradley brad
cameron cam|caroline carol carrie|catherine katherine kathryn cathy kathy kate katie cat kit
charles charlie chuck chas|charlotte lottie|christina christine chris chrissie tina
christopher chris kit|clifford cliff|daniel dan danny|david dave davey|deborah debbie deb debra
donald don donnie|dorothy dot dottie|edward ed eddie ted|eleanor ellie nell|elizabeth liz beth
lisa betty eliza libby lizzie elisabeth|emily em|eugene gene|florence flo|franklin francis frank
frances fran frankie|frederick fred freddie|gabriel gabe|gabrielle gabby|geoffrey jeffrey geoff jeff
gerald gerard gerry jerry|gregory greg|gwendolyn gwen|harold harry hal|henry harry hank|hans johannes
isabella isabelle bella izzy|jacob jake|jacqueline jackie|james jim jimmy jamie|janet jan|jennifer
jen jenny|jessica jess jessie|joan joanna joanne jo|john jack johnny jon|jonathan jon jonny|joseph
joe joey josef sepp|joshua josh|judith judy|julian jules|kenneth ken kenny|kimberly kim
lawrence larry laurence|leonard leo len lenny|lillian lily lil|louis lewis lou|louise lou|lucille
lucy|madeline maddie|margaret maggie meg peggy margie greta|marjorie margie|martin marty|mary maria
marie molly|matilda tilly|matthew matt|maximilian max|melissa mel|michael mike mick mickey micky
michelle shelly|mildred millie|mitchell mitch|mohammed mohamed muhammad|nathan nathaniel nate nat
natalie nat|nicholas nick nicky|nicole nicky|oliver ollie|olivia liv|pamela pam|patricia pat patty
trish tricia|patrick pat paddy|penelope penny|peter pete|philip phillip phil|priscilla cilla|rachel
rach|raymond ray|rebecca becky bec|reginald reg reggie|richard rick dick rich ricky|robert rob bob
bobby robbie bert|ronald ron ronnie|rosemary rose rosie|rudolf rudi|russell russ|samantha sam|samuel
sam sammy|sarah sara sally|sebastian seb basti|sharon shari|stanley stan|stephanie steph|stephen
steven steve|susan sue susie suzanne|sylvia syl|tabitha tabby|terence terry|theodore ted theo teddy
theresa teresa terry tess|thomas tom tommy|timothy tim|valerie val|veronica ronnie|victor vic
victoria vicky tori|vincent vince vinnie|virginia ginny|walter walt wally|wilhelm willi|william will
bill billy willy liam|winifred winnie|zachary zac zach zack
"""


def _table() -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = {}
    for number, group in enumerate(_groups()):
        for name in group:
            found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


def _groups() -> list[list[str]]:
    """Return one list of names per person they may mean; only a bar parts lists."""
    return [group.split() for group in _SHORT_FORMS.replace("\n", " ").split("|")]


_GROUPS_OF = _table()


@lru_cache(maxsize=65536)
def spoken(text: str) -> str:
    """Return a name folded, without honorifics (unless nothing else is left)."""
    words = fold(text).split()
    kept = [word for word in words if word not in HONORIFICS]
    return " ".join(kept or words)


def are_short_forms(one: str, other: str) -> bool:
    """Whether two folded given names may be the same person's by the table of short forms."""
    return bool(_GROUPS_OF.get(one, frozenset()) & _GROUPS_OF.get(other, frozenset()))


def are_initials(one: str, other: str) -> bool:
    """Whether one of two folded given names is the other's first letters: j or j r, and john robert."""
    shorter, longer = sorted((one.split(), other.split()), key=lambda words: sum(map(len, words)))
    if len(shorter) > len(longer) or any(len(word) > 1 for word in shorter):
        return False
    return all(name.startswith(letter) for letter, name in zip(shorter, longer, strict=False))
