# For a class: docker build -t relations . && docker run -p 8888:8888 relations
# then open the address that it prints. Not as root; nothing of the host is needed.
FROM python:3.12-slim
RUN apt-get update && apt-get install --yes --no-install-recommends git make \
    && rm -rf /var/lib/apt/lists/* && useradd --create-home reader \
    && install --directory --owner reader /relations
COPY --chown=reader . /relations
USER reader
WORKDIR /relations
RUN make ready
EXPOSE 8888
CMD ["make", "lab", "OPTIONS=--ip=0.0.0.0 --no-browser"]
