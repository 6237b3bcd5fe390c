# The wheel is built from the sdist, so that what is missing from the sdist is missing here and not at a user's.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_COMPILE=0 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
# Whatever comes from elsewhere, the tools that build too, is in the lock, and has the bytes that it had when it was locked.
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
# Bytecode of what serves, and of nothing else: all of it (70 languages of Faker, say) would be 13 MB more. With -I neither the
# sources here nor the variable above count.
RUN /opt/mockserver/bin/python -I -c "import gevent.monkey; gevent.monkey.patch_all(); \
    import mockserver.cli.serve, mockserver.web.servers.gunicorn, mockserver.sandbox.stores.redis"

FROM python:3.13-slim
COPY --from=build /opt/mockserver /opt/mockserver
ENV PATH=/opt/mockserver/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MOCKSERVER_HOST=0.0.0.0 \
    MOCKSERVER_PORT=8080
# A number, so that a cluster can see that it is not root; any other works as well.
USER 10001:10001
EXPOSE 8080
# Host and port are read as the server reads them, so that the check follows the variables. Not urllib: it would ask the proxy of
# HTTP_PROXY, which CI runners and companies set for every container.
HEALTHCHECK --interval=2s --timeout=2s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import http.client as h, os; from mockserver.config.settings import load_settings; s = load_settings({}, os.environ); \
        c = h.HTTPConnection(s.host, s.port, timeout=1); c.request('GET', '/__admin/health', headers={'Host': 'localhost'}); \
        exit(c.getresponse().status != 200)"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
