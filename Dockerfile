# The wheel is built from the sdist, so that the build fails here if the sdist lacks a file.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_COMPILE=0 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
# The lock contains all dependencies, build tools included, with their hashes.
COPY requirements.lock ./
RUN python -m venv /opt/mockserver && /opt/mockserver/bin/pip install --require-hashes --requirement requirements.lock
COPY setup.cfg pyproject.toml MANIFEST.in README.md LICENSE ./
COPY mockserver mockserver
COPY schemas schemas
COPY fixtures fixtures
RUN /opt/mockserver/bin/python -m build --no-isolation --sdist --outdir /dist . \
    && /opt/mockserver/bin/pip install --no-index --no-deps --no-build-isolation /dist/*.tar.gz \
    && /opt/mockserver/bin/pip uninstall --yes build pyproject_hooks setuptools pip \
    && find /opt/mockserver -type d -name tests -prune -exec rm -r {} +

FROM python:3.13-slim
COPY --from=build /opt/mockserver /opt/mockserver
ENV PATH=/opt/mockserver/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MOCKSERVER_HOST=0.0.0.0 \
    MOCKSERVER_PORT=8080
# Compile only the modules of the server and of its health check. All bytecode (for example 70 languages of Faker) would add 13 MB.
# The base image has no bytecode of the standard library, and compiling it takes longer than the rest of a start. With -I, Python ignores
# PYTHONDONTWRITEBYTECODE.
RUN python -I -c "import mockserver.cli.serve, mockserver.cli.blueprints.scaffolding, mockserver.web.app, mockserver.web.servers.gunicorn, mockserver.sandbox.stores.sqlite_files, \
    mockserver.sandbox.stores.memory, mockserver.sandbox.stores.redis, mockserver.formats.schema_messages, difflib, http.client"
# A number, so that a cluster can see that it is not root. Any other number works too.
USER 10001:10001
EXPOSE 8080
# The check reads host and port as the server does, so that it follows the variables. It does not use urllib, which would use the proxy
# of HTTP_PROXY. CI runners and companies set HTTP_PROXY for every container.
HEALTHCHECK --interval=2s --timeout=2s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import http.client as h, os; from mockserver.config.setting_sources import load_settings; s = load_settings({}, os.environ); \
        c = h.HTTPConnection(s.host, s.port, timeout=1); c.request('GET', '/__admin/health', headers={'Host': 'localhost'}); \
        exit(c.getresponse().status != 200)"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
