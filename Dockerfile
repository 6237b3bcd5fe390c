# The wheel is built from the sdist, so that what is missing from the sdist is missing here and not at a user's.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /build && /build/bin/pip install --no-cache-dir --disable-pip-version-check build
COPY setup.cfg pyproject.toml MANIFEST.in README.md LICENSE ./
COPY mockserver mockserver
COPY schemas schemas
COPY fixtures fixtures
RUN /build/bin/python -m build --sdist --outdir /dist . \
    && python -m venv /opt/mockserver \
    && /opt/mockserver/bin/pip install --no-cache-dir --disable-pip-version-check /dist/*.tar.gz \
    && /opt/mockserver/bin/pip uninstall --yes --disable-pip-version-check pip

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
HEALTHCHECK --interval=2s --timeout=2s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['MOCKSERVER_PORT']}/__admin/health\", timeout=1)"]
ENTRYPOINT ["mockserver"]
CMD ["serve"]
