# usage-mcp over HTTP. The image holds the bundle and Node, no package manager's cache, no source, no secret: configuration is
# mounted, keys come from the environment. How to run it: docs/running.md.
ARG NODE=22

FROM node:${NODE}-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/
COPY src src
RUN npm run build

FROM node:${NODE}-slim
ENV NODE_ENV=production
WORKDIR /app
# package.json says that dist/ holds ES modules.
COPY LICENSE package.json ./
COPY --from=build /build/dist dist
# The image's own user "node", as a number: orchestrators check that it isn't root without reading /etc/passwd.
USER 1000:1000
EXPOSE 3333
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3333/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["http", "--host", "0.0.0.0", "--port", "3333"]
