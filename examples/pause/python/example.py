"""A consumer that prints what is asked of it; ends with its standard input."""

import logging
import sys

from throughline_pause import PauseListener

logging.basicConfig(level=logging.INFO)
say = lambda word: print(word, flush=True)
listener = PauseListener(group=sys.argv[1], pause=lambda: say("paused"), resume=lambda: say("resumed"), in_flight=lambda: 0)
listener.start()
say("listening")
sys.stdin.read()
listener.stop()
