"""What the tagger is measured beside: TF-IDF over character n-grams with logistic regression, SnowNLP, VADER."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from snownlp import SnowNLP
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from nlp.normalise import normalise

Read = Callable[[Sequence[str]], list[str]]


def tfidf(texts: Sequence[str], labels: Sequence[str], c: float = 10.0) -> Any:
    """Trained on the texts; the usual cheap classifier, and a good one."""
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True, min_df=2, preprocessor=normalise)
    return make_pipeline(grams, LogisticRegression(C=c, max_iter=400)).fit(list(texts), list(labels))


def snownlp() -> Read:
    """SnowNLP's sentiment, which was trained on Chinese shopping reviews; in the middle it is neutral."""
    return lambda texts: [_in_three(SnowNLP(text).sentiments if text.strip() else 0.5, 0.35, 0.65) for text in texts]


def vader() -> Read:
    """VADER's sentiment of English, by the thresholds that its authors recommend."""
    analyser = SentimentIntensityAnalyzer()
    return lambda texts: [_in_three(analyser.polarity_scores(text)["compound"], -0.05, 0.05) for text in texts]


def probabilities(model: Any, texts: Sequence[str]) -> tuple[np.ndarray[Any, Any], list[str]]:
    """A row of probabilities a text, and what the columns mean."""
    return model.predict_proba(list(texts)), list(model.classes_)


def _in_three(score: float, low: float, high: float) -> str:
    if score < low:
        return "negative"
    return "positive" if score > high else "neutral"
