"""Kafka's jars: copied once by Maven into build/, kept there for the next time."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from .missing import PartMissing

POM = Path(__file__).with_name("pom.xml")
JARS = Path(__file__).parents[2] / "build" / "kafka-4.1.0"

_OLDEST_JAVA = 17


def java() -> str:
    """The java command, 17 or newer. Raises PartMissing."""
    command = shutil.which("java")
    if command is None:
        raise PartMissing("Kafka needs a JDK 17 or newer: no `java` on the PATH")
    said = subprocess.run([command, "-version"], capture_output=True, text=True, check=False).stderr
    found = re.search(r'version "(\d+)', said)
    if found is None or int(found.group(1)) < _OLDEST_JAVA:
        raise PartMissing(f"Kafka needs a JDK 17 or newer; this one says: {said.strip().splitlines()[:1]}")
    return command


def jars() -> Path:
    """The directory with Kafka's jars. The first time it takes Maven, the network and half a minute. Raises PartMissing."""
    if JARS.exists():
        return JARS
    maven = shutil.which("mvn")
    if maven is None:
        raise PartMissing("Kafka's jars are not in build/ yet and there is no `mvn` on the PATH to fetch them")
    fresh = JARS.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies", f"-DoutputDirectory={fresh}"]
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    except subprocess.CalledProcessError as error:
        raise PartMissing(f"Maven could not fetch Kafka: {(error.stdout + error.stderr).strip()[:500]}") from error
    except subprocess.TimeoutExpired as error:
        raise PartMissing("Maven could not fetch Kafka within five minutes") from error
    fresh.rename(JARS)
    return JARS
