using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Tests.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Tests.Heads;

/// <summary>The heads of BGE-M3 against FlagEmbedding's own code, executed: embeddings, scores of every kind, the loss made of them and its gradients.</summary>
[Collection(TorchCollection.Name)]
public sealed class M3GoldenTests
{
    public static TheoryData<string> Cases =>
    [
        "m3-unified-plain", "m3-unified-selfdistill", "m3-unified-selfdistill-temp0.02", "m3-unified-teacher-m3kd", "m3-unified-teacher-m3kd-selfdistill",
        "m3-unified-teacher-kldiv-selfdistill", "m3-unified-unnormalised-mean-temp1",
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Heads_EqualFlagEmbedding_InScoresAndGradients(string name)
    {
        PythonTorch.RequireTorch();
        var folder = Directory.CreateTempSubdirectory("m3-heads-").FullName;
        using var scope = NewDisposeScope();
        try
        {
            var golden = GoldenLosses.Read(name);
            using var heads = Heads(golden, folder);
            Assert.Equal(HeadSet.Dense | HeadSet.Sparse | HeadSet.MultiVector, heads.Available);
            var (queryHidden, passageHidden) = (golden.Floats("q_hidden", train: true), golden.Floats("p_hidden", train: true));
            var queries = heads.Forward(States(golden, "q", queryHidden), heads.Available);
            var passages = heads.Forward(States(golden, "p", passageHidden), heads.Available);
            var temperature = golden.Parameters.GetProperty("temperature").GetDouble();

            var dense = matmul(queries.Dense!, passages.Dense!.t()) / temperature;
            var sparse = queries.Sparse!.Dot(passages.Sparse!) / temperature;
            var multi = MaxSim.Scores(queries.MultiVector!, passages.MultiVector!, MaxSimConvention.FlagEmbedding) / temperature;

            var tolerance = (float)(2e-6 / temperature);
            GoldenLosses.Near(golden.Intermediate("dense_scores"), dense, tolerance, "dense");
            GoldenLosses.Near(golden.Intermediate("sparse_scores"), sparse, tolerance, "sparse");
            GoldenLosses.Near(golden.Intermediate("colbert_scores"), multi, tolerance, "multi-vector");
            GoldenLosses.Near(golden.Intermediate("q_colbert"), queries.MultiVector!.Padded(), 2e-6f, "vectors of tokens");
            CheckWeights(golden.Intermediate("q_sparse"), queries.Sparse);
            if (!golden.Has("teacher_scores"))
            {
                var loss = Loss(dense, sparse, multi, golden.Parameters.GetProperty("group_size").GetInt32(), golden.Parameters.GetProperty("use_self_distill").GetBoolean());
                loss.backward();
                Assert.Equal(1, loss.ToDouble() / golden.Loss, 1e-5);
                golden.CheckGradient("q_hidden", queryHidden, 2e-5f);
                golden.CheckGradient("p_hidden", passageHidden, 2e-5f);
                foreach (var (student, parameter) in new[] { "sparse_weight", "sparse_bias", "colbert_weight", "colbert_bias" }.Zip(heads.Parameters))
                {
                    Assert.Equal(student, parameter.Name.Replace("_linear.", "_", StringComparison.Ordinal));
                    golden.CheckGradient(student, parameter.Value, 2e-5f);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Heads_ComputeOnlyWhatIsAskedFor_AndRefuseWhatIsNotThere()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        using var heads = new RetrievalHeads { Pooling = PoolingMode.Cls, Normalize = true, Sparse = SparseHead.Create(4, [0], 1) };
        var states = new TokenStates(randn(3, 4), new TokenBatch([5, 6, 5], [0, 2]));

        var outputs = heads.Forward(states, HeadSet.Sparse);

        Assert.Null(outputs.Dense);
        Assert.Null(outputs.MultiVector);
        Assert.Equal(2, outputs.Sparse!.Count);
        Assert.Contains("MultiVector", Assert.Throws<TrainerException>(() => heads.Forward(states, HeadSet.Sparse | HeadSet.MultiVector)).Message, StringComparison.Ordinal);
        Assert.Contains("colbert_linear", Assert.Throws<TrainerException>(() => heads.Require(HeadSet.MultiVector)).Message, StringComparison.Ordinal);
    }

    internal static RetrievalHeads Heads(GoldenLosses golden, string folder)
    {
        Write("sparse_linear", "sparse");
        Write("colbert_linear", "colbert");
        var special = golden.Parameters.GetProperty("special_ids").EnumerateObject().Select(p => p.Value.GetInt32());
        var pooling = golden.Parameters.GetProperty("pooling").GetString() == "cls" ? PoolingMode.Cls : PoolingMode.Mean;
        var normalize = golden.Parameters.GetProperty("normalize_embeddings").GetBoolean();
        using var loaded = HeadFiles.Load(FileSet.FromFolder(folder), (int)golden.Shape("sparse_weight")[1], pooling, normalize, special);
        return new RetrievalHeads
        {
            Pooling = pooling,
            Normalize = normalize,
            NormalizeTokens = normalize,
            Sparse = SparseHead.Load(FileSet.FromFolder(folder), loaded.Sparse!.Width, special),
            MultiVector = MultiVectorHead.Load(FileSet.FromFolder(folder), loaded.MultiVector!.Width),
        };

        void Write(string file, string prefix) => SafetensorsWriter.Write(Path.Combine(folder, file + ".safetensors"), new[] { "weight", "bias" }.Select(part =>
            SafetensorsTensor.Floats(part, golden.Shape($"{prefix}_{part}"), golden.Floats($"{prefix}_{part}").data<float>().ToArray())));
    }

    internal static TokenStates States(GoldenLosses golden, string side, Tensor hidden)
    {
        var (ids, mask, width) = (golden.Whole($"{side}_input_ids"), golden.Whole($"{side}_attention_mask"), golden.Shape($"{side}_input_ids")[1]);
        var rows = Enumerable.Range(0, ids.Length).Where(i => mask[i] == 1).Select(i => (long)i).ToArray();
        var offsets = Enumerable.Range(0, ids.Length / (int)width).Select(text => (long)rows.Count(r => r < text * width)).ToArray();
        var values = hidden.view(-1, hidden.shape[2]).index_select(0, tensor(rows));
        return new TokenStates(values, new TokenBatch([.. rows.Select(r => ids[r])], offsets));
    }

    static void CheckWeights(Tensor expected, SparseVectors found)
    {
        var (dense, width) = (expected.data<float>().ToArray(), (int)expected.shape[1]);
        var pairs = found.ToPairs();
        Assert.Equal(expected.shape[0], pairs.Count);
        for (var i = 0; i < pairs.Count; i++)
        {
            var wanted = Enumerable.Range(0, width).Where(id => dense[(i * width) + id] > 0).ToList();
            Assert.Equal(wanted, pairs[i].Select(p => p.Id));
            Assert.All(pairs[i], p => Assert.Equal(dense[(i * width) + p.Id], p.Weight, 2e-6f));
        }

        Assert.Equal(pairs.Count(p => p.Length == 0), found.Empty);
    }

    // FlagEmbedding's EncoderOnlyEmbedderM3Model.forward without a teacher's scores: the losses' own tests are elsewhere, here the gradients of the heads are at stake.
    static Tensor Loss(Tensor dense, Tensor sparse, Tensor multi, int group, bool selfDistill)
    {
        var ensemble = dense + (sparse * 0.3) + multi;
        var targets = tensor(Enumerable.Range(0, (int)dense.shape[0]).Select(i => (long)i * group).ToArray());
        var loss = (F.cross_entropy(dense, targets) + F.cross_entropy(ensemble, targets) + (F.cross_entropy(sparse, targets) * 0.1) + F.cross_entropy(multi, targets)) / 4;
        if (!selfDistill)
        {
            return loss;
        }

        var teacher = ensemble.detach().softmax(1);
        return (loss + ((Distilled(dense) + (Distilled(sparse) * 0.1) + Distilled(multi)) / 3)) / 2;

        Tensor Distilled(Tensor scores) => (teacher * scores.log_softmax(1)).sum(1).mean() * -1;
    }
}
