"""What a person does on the pages, without a browser."""

import re

import httpx


def submit(url: str, repository: str) -> str:
    """Submit a repository with the form and return the id of its job."""
    with httpx.Client(base_url=url, timeout=20) as client:
        token = re.search(r'name="form-token" value="(\w+)"', client.get("/").text)
        assert token is not None
        answer = client.post("/jobs", data={"form-token": token[1], "url": repository})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].rpartition("/")[2]
