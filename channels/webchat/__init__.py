"""The web chat: a page and an embeddable widget over a WebSocket, and the channel behind them."""
