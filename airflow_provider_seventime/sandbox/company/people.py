"""The company's users, and the one that programs act as."""

from __future__ import annotations

from airflow_provider_seventime.sandbox.company.seeding import ACTING_USER_ID, Seeding
from airflow_provider_seventime.sandbox.company.settings import FOUNDED_DAYS_AGO

API_ROLE, ADMIN_ROLE, WORKER_ROLE = 30, 30, 10
# first name, last name, days since employed, role
EMPLOYEES = (
    ("Maria", "Norrby", 2000, ADMIN_ROLE),
    ("Åke", "Sjöström", 1900, WORKER_ROLE),
    ("Göran", "Hällgren", 1750, WORKER_ROLE),
    ("Ayşe", "Demir", 1400, WORKER_ROLE),
    ("Östen", "Lindqvist", 1100, WORKER_ROLE),
    ("Linnéa", "Åström", 800, WORKER_ROLE),
    ("Jonas", "Bergfält", 520, WORKER_ROLE),
    ("Søren", "Møller", 260, WORKER_ROLE),
)
FOLDED = str.maketrans("åäöéøşÅÄÖ", "aaoeosaao")


def make_users(seeding: Seeding) -> None:
    """Make the acting user and the employees."""
    seeding.add(
        "users",
        seeding.instant(seeding.days_ago(FOUNDED_DAYS_AGO)),
        {
            "firstName": "API",
            "lastName": "Integration",
            "userName": "api",
            "email": "api@norrby.example",
            "userRoleId": API_ROLE,
            "isActive": True,
            "isActivated": True,
        },
        ACTING_USER_ID,
    )
    for number, (first, last, days, role) in enumerate(EMPLOYEES, start=1):
        login = f"{first}.{last}".lower().translate(FOLDED)
        seeding.add(
            "users",
            seeding.instant(seeding.days_ago(days)),
            {
                "firstName": first,
                "lastName": last,
                "userName": login,
                "email": f"{login}@norrby.example",
                "employeeNumber": str(number),
                "cellPhone": f"070-174 06 {number + 4:02d}",  # from the numbers set apart for film and fiction
                "userRoleId": role,
                "isActive": True,
                "isActivated": True,
            },
        )


def workers(seeding: Seeding) -> list[str]:
    """Return the ids of the users who report time."""
    return [user["_id"] for user in seeding.records("users") if user["employeeNumber"]]
