# syntax=docker/dockerfile:1
FROM node:22-bookworm-slim AS web
WORKDIR /src/web
COPY web .
RUN npm ci && npm run build --workspace graphiql

FROM rust:1-slim-bookworm AS build
WORKDIR /src
COPY . .
# What the binary embeds; a file of an earlier build beside it would be embedded too.
RUN rm -rf web/graphiql/dist
COPY --from=web /src/web/graphiql/dist web/graphiql/dist
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
