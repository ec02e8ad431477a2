# `lascaux serve` in a container: docker build -t lascaux . && docker run -p 7860:7860 -e LASCAUX_API_KEY=secret -v lascaux:/cache lascaux
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --no-audit --no-fund && npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:22-bookworm-slim
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages ./packages
COPY --from=build /app/models ./models
# Models of the hub are kept here; a volume saves downloading them again.
RUN mkdir /cache && chown node:node /cache
ENV HF_HOME=/cache/huggingface XDG_CACHE_HOME=/cache NODE_ENV=production
VOLUME /cache
USER node
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7860/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "packages/cli/bin/lascaux.js"]
# Other machines need a key: LASCAUX_API_KEY.
CMD ["serve", "--host", "0.0.0.0"]
