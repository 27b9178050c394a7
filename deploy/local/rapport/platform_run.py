from .home import Home


def up(home: Home, **k): ...
def status(home):
    return 0


def wait_ready(home): ...
