using TorchSharp.Modules;
using Trainer.Checkpoints;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>The files of heads beside a model.</summary>
public static class HeadFiles
{
    /// <summary>Names that the files of heads may have in a model's folder.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        SparseHead.FileName + ".safetensors", SparseHead.FileName + ".pt", MultiVectorHead.FileName + ".safetensors", MultiVectorHead.FileName + ".pt",
        Projection.Folder + "/config.json", Projection.Folder + "/model.safetensors", Projection.Folder + "/pytorch_model.bin", Projection.PoolerFile,
    ];

    /// <summary>Whether a folder has a head beside its pooling.</summary>
    public static bool Any(FileSet files) => Names.Any(files.Has);

    /// <summary>Loads the heads that a folder has.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="width">Width of the hidden states.</param>
    /// <param name="pooling">How token vectors become one.</param>
    /// <param name="normalize">Whether dense embeddings are scaled to length one.</param>
    /// <param name="unused">Ids that the sparse head gives no weight: of special tokens.</param>
    /// <exception cref="TrainerException">A file is unsound, or made for another width.</exception>
    public static RetrievalHeads Load(FileSet files, int width, PoolingMode pooling, bool normalize, IEnumerable<int> unused) => new()
    {
        Pooling = pooling,
        Normalize = normalize,
        Projection = Projection.Load(files, width),
        Sparse = SparseHead.Load(files, width, unused),
        MultiVector = MultiVectorHead.Load(files, width),
    };

    /// <summary>Writes heads beside a model: <c>sparse_linear.safetensors</c>, <c>colbert_linear.safetensors</c> and the folder <c>2_Dense</c>, those that are there.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="heads">The heads.</param>
    public static void Write(string folder, RetrievalHeads heads)
    {
        heads.Projection?.Write(Path.Combine(folder, Projection.Folder));
        if (heads.Sparse is not null)
        {
            WriteTensors(Path.Combine(folder, SparseHead.FileName + ".safetensors"), Bare(heads.Sparse.Parameters));
        }

        if (heads.MultiVector is not null)
        {
            WriteTensors(Path.Combine(folder, MultiVectorHead.FileName + ".safetensors"), Bare(heads.MultiVector.Parameters));
        }
    }

    /// <summary>
    /// Writes <c>sparse_linear.pt</c> and <c>colbert_linear.pt</c> as FlagEmbedding reads them; the same bytes for the same weights. It reads them only where both are
    /// there: with one it begins both anew.
    /// </summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="heads">The heads.</param>
    public static void WritePickled(string folder, RetrievalHeads heads)
    {
        foreach (var (name, parameters) in new[] { (SparseHead.FileName, heads.Sparse?.Parameters), (MultiVectorHead.FileName, heads.MultiVector?.Parameters) })
        {
            if (parameters is not null)
            {
                PickledTensorsWriter.Write(Path.Combine(folder, name + ".pt"), [.. Bare(parameters).Select(p => (p.Name, p.Value.shape, Values(p.Value)))]);
            }
        }
    }

    internal static void WriteTensors(string path, IEnumerable<(string Name, Parameter Value)> parameters) => SafetensorsWriter.Write(
        path, parameters.Select(p => SafetensorsTensor.Floats(p.Name, p.Value.shape, Values(p.Value))), new Dictionary<string, string> { ["format"] = "pt" });

    static IEnumerable<(string Name, Parameter Value)> Bare(IEnumerable<(string Name, Parameter Value)> parameters) => parameters.Select(p => (p.Name[(p.Name.LastIndexOf('.') + 1)..], p.Value));

    static float[] Values(Tensor value)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        return value.to(float32).cpu().contiguous().data<float>().ToArray();
    }
}
