# The base image has no shell and no package manager, and runs as non-root. Choose another with --build-arg BASE=...; it
# must have Node 24 at /nodejs/bin/node.
ARG BASE=gcr.io/distroless/nodejs24-debian13:nonroot
ARG BUILDER=node:24

# The bundle is JavaScript, the same for every platform, so it is built once, on the platform of the builder.
FROM --platform=$BUILDPLATFORM ${BUILDER} AS build
WORKDIR /ringfence
COPY package.json package-lock.json ./
# No install scripts run: the bundler's binary is in its package, and the builder image has Node.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.ts scripts/
COPY schemas/ schemas/
COPY src/ src/
RUN node scripts/build.ts

FROM ${BASE}
LABEL org.opencontainers.image.title="ringfence" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /ringfence
ENV NODE_ENV=production
# The version is read from package.json.
COPY LICENSE package.json ./
COPY --from=build /ringfence/dist/*.mjs /ringfence/dist/THIRD-PARTY-LICENSES.txt /ringfence/dist/sbom.cdx.json dist/
# 65532 is the unprivileged user of distroless images. It is a number so that runAsNonRoot can be checked.
USER 65532:65532
EXPOSE 8443 8081
ENTRYPOINT ["/nodejs/bin/node", "/ringfence/dist/ringfence.mjs"]
CMD ["serve"]
