"""After a restart on a database that only one process can use: nobody else holds a lease, so all are free at once."""

from sqlalchemy import Connection, update

from store.tables import inbox_lanes, outbox_lanes


def free_all_leases(connection: Connection) -> int:
    """End every lease, whoever held it. Returns how many there were."""
    freed = 0
    for lanes in (inbox_lanes, outbox_lanes):
        # Whatever is still leased was left behind by a process that has ended.
        leased = update(lanes).where(lanes.c.owner.is_not(None)).values(owner=None, leased_until=None)
        freed += connection.execute(leased).rowcount
    return freed
