"""What support can be asked: a frozen dataclass and a function of the same name, per aggregate."""
