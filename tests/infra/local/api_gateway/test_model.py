"""Which resource a path belongs to."""

import pytest

from infra.local.api_gateway.model import Resource, RestApi

PATHS = ["/", "/v1", "/v1/{proxy+}", "/v1/models", "/v1/models/{name}", "/{any}", "/a/{x}/c"]
API = RestApi(tuple(Resource(path, {}) for path in PATHS), {}, {}, (), None)


@pytest.mark.parametrize(
    ("path", "resource", "parameters"),
    [
        ("/", "/", {}),
        ("/v1", "/v1", {}),
        ("/v1/", "/v1", {}),
        ("/v1/models", "/v1/models", {}),
        ("//v1//models", "/v1/models", {}),
        ("/v1/models/iris", "/v1/models/{name}", {"name": "iris"}),
        ("/v1/models/iris/x", "/v1/{proxy+}", {"proxy": "models/iris/x"}),
        ("/v1/other%20one", "/v1/{proxy+}", {"proxy": "other one"}),
        ("/other", "/{any}", {"any": "other"}),
        ("/a/b/c", "/a/{x}/c", {"x": "b"}),
    ],
)
def test_the_most_specific_resource_is_chosen(path, resource, parameters):
    found = API.route(path)
    assert found is not None
    assert (found[0].path, found[1]) == (resource, parameters)


@pytest.mark.parametrize("path", ["/a/b", "/a/b/d", "/other/deep"])
def test_a_path_of_no_resource_has_no_match(path):
    assert API.route(path) is None
