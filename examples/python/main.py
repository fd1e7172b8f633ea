"""The work of the Job: counts primes, and tells how far it has come."""
import os
import socket

LIMIT = int(os.environ.get("LIMIT", "100000"))


def primes_below(limit):
    """The sieve of Eratosthenes."""
    candidates = bytearray([1]) * limit
    candidates[:2] = bytes(2)
    for number in range(2, int(limit**0.5) + 1):
        if candidates[number]:
            candidates[number * number :: number] = bytes(len(range(number * number, limit, number)))
    return sum(candidates)


print(f"{socket.gethostname()} counts the primes below {LIMIT}")
for part in (10, 4, 2, 1):
    print(f"below {LIMIT // part}: {primes_below(LIMIT // part)}")
