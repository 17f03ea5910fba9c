"""Wall time and peak memory of one process, and what the machine is. Needs nothing but Python."""

import gc
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

STATUS = Path("/proc/self/status")


def peak_mb() -> float:
    """Most memory (resident, MB of 10^6 bytes) that this process had since it began or since `forget_peak`."""
    with suppress(OSError):  # Linux: of this program alone; ru_maxrss would count the parent before the exec, too
        for line in STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most * 1024 / 1e6


def forget_peak() -> None:
    """Begins a new peak where the system can (Linux); elsewhere the peak stays the whole process's."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def cpu_s() -> float:
    """Seconds of all threads, in the program and in the system for it."""
    times = os.times()
    return times.user + times.system


def once(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """What `work` gives, and its cost."""
    forget_peak()
    began, used = time.perf_counter(), cpu_s()
    given = work()
    seconds = time.perf_counter() - began
    return given, {"seconds": seconds, "cpu_s": cpu_s() - used, "peak_mb": peak_mb()}


def warm(work: Callable[[], Any], times: int) -> tuple[Any, dict[str, float]]:
    """The same again and again: `seconds` is the median of `times` runs after a first one, which is `first_s`."""
    forget_peak()
    given, runs = None, []
    for _ in range(times + 1):
        given = None  # the answer before is not part of the next one's peak
        gc.collect()
        began = time.perf_counter()
        given = work()
        runs.append(time.perf_counter() - began)
    again = runs[1:] or runs
    return given, {
        "seconds": statistics.median(again),
        "fastest_s": min(again),
        "slowest_s": max(again),
        "first_s": runs[0],
        "peak_mb": peak_mb(),
    }


def machine() -> dict[str, str | int | float]:
    """What the figures hold for."""
    model = platform.processor()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), model)
    memory = 0
    with suppress(OSError, ValueError):
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory_gb": round(memory / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else -1,
    }
