"""Addresses of the web page that commands print."""


def course_address(web_url: str, job_id: str) -> str:
    """Return the address of a job's course."""
    return f"{web_url}/courses/{job_id}/"


def job_address(web_url: str, job_id: str) -> str:
    """Return the address of a job's page."""
    return f"{web_url}/jobs/{job_id}"
