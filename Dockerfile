# Two stages: the first installs from the lock with hashes, the second carries only what runs, as an ordinary user.
FROM python:3.11-slim-bookworm AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv /opt/guanxi

# The libraries change less often than the program, so they are a layer of their own.
COPY requirements.lock ./
RUN /opt/guanxi/bin/pip install --require-hashes --no-deps --requirement requirements.lock

COPY LICENSE README.md pyproject.toml ./
COPY bot bot
COPY channels channels
COPY console console
COPY desk desk
COPY handlers handlers
COPY lifecycle lifecycle
COPY nlp nlp
COPY store store
RUN /opt/guanxi/bin/pip install --no-deps --no-build-isolation . \
    && /opt/guanxi/bin/pip uninstall --yes setuptools pip


FROM python:3.11-slim-bookworm

RUN groupadd --system --gid 10001 guanxi \
    && useradd --system --uid 10001 --gid guanxi --no-create-home --home-dir /data guanxi \
    && install --directory --owner=guanxi --group=guanxi /data

COPY --from=build /opt/guanxi /opt/guanxi

ENV PATH=/opt/guanxi/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GUANXI_CONFIG=/data/desk.yaml \
    GUANXI_DATABASE_URL=sqlite:////data/guanxi.db \
    GUANXI_HTTP_HOST=0.0.0.0 \
    GUANXI_HTTP_PORT=8080

USER 10001:10001
# The company's file, the embedded database and what customers upload.
WORKDIR /data
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['GUANXI_HTTP_PORT']}/healthz\", timeout=4)"]

ENTRYPOINT ["guanxi"]
CMD ["run"]
