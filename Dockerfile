# The mock as a container:
#   docker build -t chatgptfree-mock .
#   docker run --rm -p 8080:8080 chatgptfree-mock
#   docker run --rm -p 8080:8080 -v "$PWD/tapes:/tapes:ro" chatgptfree-mock serve --host 0.0.0.0 --cassettes /tapes
# A client inside the image can be crash-tested as well; name its command after `crashtest --`.
FROM python:3.13-slim AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY client client
COPY mock_server mock_server
COPY cassettes cassettes
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 mock
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install --no-cache-dir "$(echo /wheels/*.whl)[mock,workers]"
USER 10001
WORKDIR /home/mock
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["chatgptfree-mock"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
