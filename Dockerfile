# The server and its browser application:
#
#   docker build -t holdfast .
#   docker run -p 127.0.0.1:8080:8080 -v holdfast:/data holdfast
#
# docker-compose.yml starts several of them.

FROM node:20-bookworm-slim AS build
WORKDIR /src
# What changes rarely comes first, so that its layers are kept.
COPY scripts/lib.sh scripts/setup scripts/
RUN scripts/setup && rm -rf /var/lib/apt/lists/*
COPY frontend/package.json frontend/package-lock.json frontend/
RUN bash -c '. scripts/lib.sh && frontend_packages'
COPY . .
RUN scripts/build

FROM debian:bookworm-slim
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      ca-certificates libargon2-1 libboost-json1.81.0 libcaf-core0.17 libcaf-io0.17 \
      libcaf-openssl0.17 libhiredis0.14 libjemalloc2 libsqlite3-0 libssl3 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /data --shell /usr/sbin/nologin holdfast \
 && install -d -o holdfast -g holdfast -m 0700 /data /ledger
COPY --from=build /src/build/release/holdfast /usr/local/bin/
COPY --from=build /src/frontend/dist /usr/local/share/holdfast/pages
COPY deploy/is-healthy /usr/local/bin/holdfast-is-healthy
# A library that is missing above shows here, not at somebody's first start.
RUN ["holdfast", "--version"]

ENV HOLDFAST_HTTP_ADDRESS=0.0.0.0 \
    HOLDFAST_HTTP_PORT=8080 \
    HOLDFAST_DATA_DIR=/data \
    HOLDFAST_STATIC_DIR=/usr/local/share/holdfast/pages
USER holdfast
WORKDIR /data
VOLUME /data
EXPOSE 8080 7946
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["holdfast-is-healthy"]
ENTRYPOINT ["holdfast"]
