namespace Trainer.Training.Watching;

/// <summary>Names of the series that watching writes, and of the histograms.</summary>
public static class WatchKeys
{
    /// <summary>Histogram: a query and its positive.</summary>
    public const string Positive = "positive";

    /// <summary>Histogram: a query and another row's positive.</summary>
    public const string InBatch = "in_batch";

    /// <summary>Histogram: a query and its hard negative.</summary>
    public const string HardNegative = "hard_negative";

    /// <summary>Training loss; in an evaluation, its mean over the steps since the one before.</summary>
    public const string TrainLoss = "train_loss";

    /// <summary>Mean nDCG@10 over the collections, where there are several.</summary>
    public const string MeanNdcg = "mean_ndcg@10";

    /// <summary>Mean cosine of positives.</summary>
    public const string PositiveCosine = "positive_cosine";

    /// <summary>Mean cosine of in-batch negatives.</summary>
    public const string InBatchCosine = "in_batch_cosine";

    /// <summary>Mean cosine of hard negatives.</summary>
    public const string HardNegativeCosine = "hard_negative_cosine";

    /// <summary>Chance that a positive is above an in-batch negative.</summary>
    public const string InBatchAuc = "in_batch_auc";

    /// <summary>Chance that a positive is above a hard negative.</summary>
    public const string HardNegativeAuc = "hard_negative_auc";

    /// <summary>E‖x − y‖² of positives.</summary>
    public const string Alignment = "alignment";

    /// <summary>log E exp(−2‖x − y‖²) of random pairs.</summary>
    public const string Uniformity = "uniformity";

    /// <summary>Standard deviation of the cosines of random pairs: the smaller of queries' and passages'.</summary>
    public const string RandomPairDeviation = "random_pair_std";

    /// <summary>Share of sparse vectors without a single weight.</summary>
    public const string ZeroSparse = "zero_sparse_rate";

    /// <summary>Share of the negatives that a loss masked as false ones: the losses' own figure of a step.</summary>
    public const string MaskRate = "masked";

    /// <summary>Rows of which every negative was masked.</summary>
    public const string FullyMaskedRows = "masked_rows";

    /// <summary>End of the names of a collection's nDCG@10: <c>nfcorpus_ndcg@10</c>.</summary>
    public const string NdcgSuffix = "_ndcg@10";

    /// <summary>End of the names of losses, where lower is better.</summary>
    public const string LossSuffix = "_loss";
}
