"""The same graph behind MLServer: a runtime of one's own, as its documentation shows."""

import numpy as np
import stored
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Onnx(MLModel):
    async def load(self) -> bool:
        self.session = stored.session_of(stored.from_file())
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feed = {"numbers": NumpyCodec.decode_input(payload.inputs[0])}
        if stored.STRINGS:
            words = StringCodec.decode_input(payload.inputs[1])
            feed["strings"] = np.array(words, object).reshape(-1, len(stored.STRINGS))
        labels, probabilities = self.session.run(None, feed)
        outputs = [
            StringCodec.encode_output("labels", labels.tolist()),
            NumpyCodec.encode_output("probabilities", probabilities),
        ]
        return InferenceResponse(model_name=self.name, outputs=outputs)
