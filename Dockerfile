# syntax=docker/dockerfile:1
FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/src/target \
    cargo build --release --locked --package refero && cp target/release/refero /refero

FROM debian:bookworm-slim
# curl asks for readiness; root certificates are compiled in.
RUN apt-get update \
    && apt-get install -y --no-install-recommends curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home refero
COPY --from=build /refero /usr/local/bin/refero
USER refero
EXPOSE 4000 4001
ENTRYPOINT ["refero"]
CMD ["serve"]
