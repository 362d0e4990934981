# One image for each service:
#
#     docker build --build-arg SERVICE=collector -t wanamaker-collector .
#
# SERVICE is a folder of services/ (collector, identity, crm-bridge, attribution) or of deploy/ (standalone: the command line
# `wanamaker`). What runs in it is told by the command: `python -m wanamaker_collector serve`.

FROM python:3.12-slim AS build
RUN pip install --no-cache-dir --disable-pip-version-check uv
WORKDIR /source
COPY pyproject.toml requirements.lock ./
COPY shared shared
COPY services services
COPY deploy/standalone deploy/standalone
ARG SERVICE
# requirements.lock as a constraint: only what this service needs, in the locked versions, each checked against its hash.
RUN uv venv /opt/wanamaker \
    && uv pip install --python /opt/wanamaker/bin/python --no-cache --constraint requirements.lock \
        "$(ls -d ./services/"${SERVICE:?say --build-arg SERVICE=…}" ./deploy/"$SERVICE" 2>/dev/null)"

FROM python:3.12-slim
# /keys and /data belong to the user, so that volumes mounted there do too.
RUN useradd --system --uid 10001 --home-dir /data wanamaker \
    && install --directory --owner=wanamaker --mode=0700 /keys /data
COPY --from=build /opt/wanamaker /opt/wanamaker
ENV PATH=/opt/wanamaker/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /data
USER wanamaker
