"""One adapter per outside world, all behind the protocol in channels.base."""
