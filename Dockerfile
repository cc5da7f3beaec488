# One image for web, worker and beat. It runs as nobody special and writes only to /data.
FROM python:3.13-slim-bookworm

ENV KNOWN_FOLLOWERS_NO_BOOTSTRAP=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    STATIC_DIR=/srv/static

RUN useradd --uid 10001 --create-home register \
    && install -d -o register -g register -m 700 /data \
    && install -d -o register -g register /srv/static /srv/register

WORKDIR /srv/register

# Behind a network that inspects encrypted traffic: docker build --secret id=ca_bundle,src=network.pem .
COPY requirements.txt ./
RUN --mount=type=secret,id=ca_bundle \
    if [ -s /run/secrets/ca_bundle ]; then export PIP_CERT=/run/secrets/ca_bundle; fi; \
    pip install --no-cache-dir --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt

COPY manage.py LICENSE ./
COPY accounts accounts
COPY templates templates
COPY vetting vetting

USER register
# Keys that only this step sees; the real ones come from files at run time.
RUN SECRET_KEY=build ENCRYPTION_KEYS=build DATA_DIR=/tmp/build python manage.py collectstatic --noinput

VOLUME /data
EXPOSE 8000
