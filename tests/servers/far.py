"""The settings of a user who has one model, on a server that wants a key."""


def far_config(url: str, key_env: str) -> str:
    """All work goes to `far/medium` at this address, with the key of this variable."""
    return f"""
[tiers.local]
enabled = false
[tiers.bulk]
models = ["far/medium"]
[tiers.top]
enabled = false
[backends.far]
type = "openai"
base_url = "{url}"
api_key_env = "{key_env}"
"""
