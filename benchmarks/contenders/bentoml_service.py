"""The same graph behind BentoML, as its documentation shows."""

import bentoml
import numpy as np
import stored


@bentoml.service(workers=1)
class Model:
    def __init__(self):
        self.session = stored.session_of(stored.from_file())

    @bentoml.api
    def predict(self, instances: list[dict]) -> dict:
        numbers = [[row[name] for name in stored.NUMBERS] for row in instances]
        feed = {"numbers": np.array(numbers, np.float32)}
        if stored.STRINGS:
            strings = [[row[name] for name in stored.STRINGS] for row in instances]
            feed["strings"] = np.array(strings, object)
        labels, probabilities = self.session.run(None, feed)
        return {"labels": labels.tolist(), "probabilities": probabilities.tolist()}
