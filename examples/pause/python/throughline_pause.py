"""Lets Throughline pause a consumer. Python 3.9 or newer, standard library alone.

    listener = PauseListener(group="orders", pause=consumer_pause, resume=consumer_resume)
    listener.start()
    ...
    listener.stop()

The consumer never depends on the console: while it cannot be reached nothing changes, and a pause ends at its own end by
a clock that does not jump. `pause` and `resume` are called from the listener's thread, one at a time.
"""

import json
import logging
import os
import random
import socket
import threading
import time
import urllib.request
import uuid

log = logging.getLogger("throughline")

WAIT_MS = 20_000
FINISHING_WAIT_MS = 1_000
ANSWER_LIMIT_S = 10
MAX_PAUSE_MS = 86_400_000
MAX_ANSWER_BYTES = 65_536
MAX_RETRY_S = 30


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to the console and nowhere else."""

    def redirect_request(self, *_):
        return None


class PauseListener:
    def __init__(self, group, pause, resume, in_flight=None, url=None, token=None, cluster=None, name=None):
        self._url = url or os.environ["THROUGHLINE_CONTROL_URL"]
        self._token = token or os.environ["THROUGHLINE_CONSUMER_TOKEN"]
        self._self = {
            "cluster": cluster or os.environ["THROUGHLINE_CLUSTER"],
            "group": group,
            "member": str(uuid.uuid4()),
            "name": name or f"{socket.gethostname()}/{os.getpid()}",
        }
        self._pause, self._resume, self._in_flight = pause, resume, in_flight
        self._open = urllib.request.build_opener(_NoRedirect()).open
        self._lock = threading.RLock()
        self._lease = None  # (id, when it ends by time.monotonic())
        self._applied = None  # id of the pause that the consumer is in
        self._problem = None
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._follow, name="throughline-ask", daemon=True),
            threading.Thread(target=self._watch_the_clock, name="throughline-clock", daemon=True),
        ]

    def start(self):
        for thread in self._threads:
            thread.start()

    def stop(self):
        """Lets the consumer run and says goodbye; a console that does not hear it forgets it by itself."""
        self._stopping.set()
        with self._lock:
            self._lease = None
            self._reconcile()
        try:
            self._ask({**self._report(None), "state": "leaving", "lease": None, "waitMs": 0}, 2)
        except Exception as error:
            log.info("the console did not hear the goodbye: %s", error)

    def reassert(self):
        """Call this after a rebalance (on_assign): new partitions are not paused."""
        with self._lock:
            if self._lease is not None:
                self._applied = None
                self._reconcile()

    def _follow(self):
        seen, failures = None, 0
        while not self._stopping.is_set():
            try:
                report = self._report(seen)
                answer = self._ask(report, report["waitMs"] / 1000 + ANSWER_LIMIT_S)
                if failures:
                    log.info("the console is back")
                failures = 0
                seen = self._heed(answer)
                self._stopping.wait(min(60, answer.get("askAgainMs", 0) / 1000) * self._jitter())
            except Exception as error:
                failures += 1
                if failures == 1:
                    log.warning("the console is lost, the consumer goes on as it is: %s", error)
                self._stopping.wait(min(MAX_RETRY_S, 0.5 * 2 ** min(failures, 10)) * self._jitter())

    def _ask(self, report, limit_s):
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        request = urllib.request.Request(f"{self._url}/v1/consumer", json.dumps(report).encode(), headers)
        with self._open(request, timeout=limit_s) as response:
            return json.loads(response.read(MAX_ANSWER_BYTES))

    def _heed(self, answer):
        """What is not an order to the letter changes nothing."""
        order, revision, lease = answer["order"], answer["revision"], answer.get("lease")
        if order not in ("run", "pause") or not isinstance(revision, str):
            raise ValueError("the console's answer is not understood")
        with self._lock:
            if order == "run":
                self._lease = None
            else:
                remaining_ms = float(lease["remainingMs"])
                if not 0 < remaining_ms:
                    raise ValueError("the console asks for a pause without an end")
                self._lease = (str(lease["id"]), time.monotonic() + min(remaining_ms, MAX_PAUSE_MS) / 1000)
            self._reconcile()
        return revision

    def _watch_the_clock(self):
        """Ends a pause at its end, whether or not the console is there, and tries again what failed."""
        while not self._stopping.wait(0.2):
            with self._lock:
                if self._lease is not None and time.monotonic() >= self._lease[1]:
                    log.info("the pause ended by its own clock")
                    self._lease = None
                self._reconcile()

    def _reconcile(self):
        wanted = None if self._lease is None else self._lease[0]
        try:
            if wanted is not None and self._applied is None:
                self._pause()
            if wanted is None and self._applied is not None:
                self._resume()
            self._applied, self._problem = wanted, None
        except Exception as error:
            self._problem = " ".join(str(error).split())[:300] or "it failed without a reason"

    def _report(self, seen):
        with self._lock:
            in_flight = None if self._in_flight is None else self._in_flight()
            state = "running" if self._applied is None else "pausing" if in_flight else "paused"
            is_short = state == "pausing" or self._problem is not None
            return {
                **self._self,
                "state": state,
                "lease": self._applied,
                "inFlight": in_flight,
                "problem": self._problem,
                "seen": seen,
                "waitMs": FINISHING_WAIT_MS if is_short else WAIT_MS,
            }

    @staticmethod
    def _jitter():
        return 0.5 + random.random() / 2
