"""The web app: presentation only."""
