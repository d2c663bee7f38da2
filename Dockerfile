# The sandbox: docker build -t mobile-orders . && docker run --rm -p 127.0.0.1:8080:8080 mobile-orders
# Settings (README): -e with PUBLIC_URL, LOG, NETWORK, ESIMS or SEED; -v ./shop:/shop -e DATA=/shop keeps everything;
# -v ./files:/files -e CATALOG=/files/catalog.csv -e SIMS=/files/sims.csv loads files.
FROM python:3.13-slim
RUN apt-get update && apt-get install --yes --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /sandbox
COPY Makefile requirements-run.lock ./
RUN make .venv-run
COPY functions functions
COPY infra infra
COPY docs/openapi.yaml docs/openapi.sandbox.yaml docs/orders.md docs/order-lifecycle.svg docs/
ENV HOST=0.0.0.0
EXPOSE 8080
CMD ["make", "run"]
