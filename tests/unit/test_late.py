"""What opens late opens one thing at a time."""

import threading
import time

from bot.work.late import Late


def test_two_rooms_that_open_together_never_load_at_the_same_time():
    inside, most = 0, 0
    lock = threading.Lock()

    def load() -> str:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.05)
        with lock:
            inside -= 1
        return "open"

    rooms = [Late(load) for _ in range(3)]
    for room in rooms:
        room.open()
    assert [room.real() for room in rooms] == ["open"] * 3
    assert most == 1
