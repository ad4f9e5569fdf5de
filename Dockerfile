# The portal as a container: compose.yaml runs it with PostgreSQL and nginx.
# Nothing is downloaded but Debian's base image, its postgresql-client (for backups) and
# the wheels that requirements.txt names with their hashes. To pin the image too, write its digest, which
# `docker buildx imagetools inspect python:3.11-slim-bookworm` prints:
#   FROM python:3.11-slim-bookworm@sha256:...
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /srv/portal/app/.venv
COPY requirements.txt /tmp/requirements.txt
# Wheels only: nothing is compiled, no package runs code of its own while installing.
RUN /srv/portal/app/.venv/bin/pip install --require-hashes --only-binary :all: \
        --no-deps -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
# The group that nginx's container joins to read pages, pictures and static files.
RUN groupadd --system --gid 10001 portal \
    && useradd --system --uid 10001 --gid portal --home-dir /nonexistent \
        --shell /usr/sbin/nologin portal \
    && install -d -o portal -g portal -m 0750 /srv/portal/data
WORKDIR /srv/portal/app
COPY --from=build /srv/portal/app/.venv .venv
# Owned by root: the program cannot change itself.
COPY manage.py pyproject.toml ./
COPY news news
COPY portal portal
COPY search search
COPY stats stats
COPY static static
COPY templates templates
COPY deploy deploy
ENV PATH=/srv/portal/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BIND=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/srv/portal/data \
    STATIC_ROOT=/srv/portal/data/static
USER portal
VOLUME /srv/portal/data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=4 \
    CMD ["python", "deploy/healthcheck.py"]
CMD ["python", "-m", "portal.serve"]
