using System.Security.Cryptography;
using System.Text.Json.Nodes;
using DataPrep;
using DataPrep.Shards;
using Trainer.Checkpoints;
using Trainer.Training;
using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

/// <summary>A packed training set carries what plans and teachers need.</summary>
public sealed class PackedSourcesTests
{
    static readonly ShardSummary[] Shards = [new(2, 20), new(1, 10)];

    readonly string root = Directory.CreateTempSubdirectory("packed-").FullName;

    [Fact]
    public void Read_GivesTheSamePlan_SourcesAndScores()
    {
        var set = Set(scores: true);
        var read = PackedTrainingSet.Read(Pack(set, "a")).Rows;
        Assert.Equal(set.Sources, read.Sources);
        Assert.Equal(6, read.Sources.Count);
        for (var r = 0; r < set.Rows.Count; r++)
        {
            Assert.Equal((set.Rows[r].Source, set.Rows[r].Bucket), (read.Rows[r].Source, read.Rows[r].Bucket));
            Assert.Equal(set.Rows[r].Scores, read.Rows[r].Scores);
        }

        var options = new BatchOptions { SameSource = true, Source = SourceKey.Generator };
        Assert.Equal(BatchPlanner.For(set, options, 4, 1, 3).Plan(1).Digest(), BatchPlanner.For(read, options, 4, 1, 3).Plan(1).Digest());
    }

    [Fact]
    public void Read_TakesFormat1_AsOneSource()
    {
        var folder = Pack(Set(scores: false), "old");
        Rewrite(folder, t => t.Name.StartsWith("sources.", StringComparison.Ordinal) || t.Name == "rows.source" ? null : t);
        Edit(folder, json =>
        {
            json["format"] = 1;
            json.Remove("sources");
            json.Remove("teacher_scores");
        });
        var read = PackedTrainingSet.Read(folder).Rows;
        Assert.Equal([new RowSource("", "")], read.Sources);
        Assert.All(read.Rows, r => Assert.Equal((0, true), (r.Source, r.Scores is null)));
    }

    [Theory]
    [InlineData("rows.source", 6, "'rows.source' holds 6 at 0")]
    [InlineData("rows.source", -1, "'rows.source' holds -1 at 0")]
    [InlineData("rows.scores", 0x7F800000, "finite")]
    public void Read_NamesTheTensor_WhenItHoldsNonsense(string name, int bits, string told)
    {
        var folder = Pack(Set(scores: true), "hostile");
        Rewrite(folder, t => t.Name == name ? t with { Data = (byte[])[.. BitConverter.GetBytes(bits), .. t.Data.Span[4..]] } : t);
        Assert.Contains(told, Assert.Throws<TrainerException>(() => PackedTrainingSet.Read(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sources", -1)]
    [InlineData("sources", 7)]
    [InlineData("queries", -1)]
    public void Read_NamesTheCount_WhenTheManifestContradictsTheData(string key, int value)
    {
        var folder = Pack(Set(scores: true), "counts");
        Edit(folder, json => json[key] = value);
        Assert.Contains(key, Assert.Throws<TrainerException>(() => PackedTrainingSet.Read(folder)).Message, StringComparison.Ordinal);
    }

    string Pack(TrainingSet set, string name)
    {
        var tokenizer = Directory.CreateDirectory(Path.Combine(root, name + "-tokenizer")).FullName;
        File.WriteAllText(Path.Combine(tokenizer, "vocab.txt"), "a\n");
        var folder = Path.Combine(root, name);
        PackedTrainingSetWriter.Write(folder, set, Shards, FileSet.FromFolder(tokenizer), null, new PackedManifest
        {
            DataDigest = "synthetic",
            Seed = 5,
            VocabularySize = 500,
            QueryLength = 16,
            PassageLength = 16,
            QueryPrompt = "",
            PassagePrompt = "",
            SpecialTokens = false,
        });
        return folder;
    }

    static TrainingSet Set(bool scores)
    {
        var teacher = scores ? TeacherScores.From(Enumerable.Range(0, 25).Select(i => new TeacherScore($"q{i}", $"d{i}", i))) : null;
        return TrainingSet.Build([Shard(0, 20, 2), Shard(20, 10, 1)], new SyntheticRows.NumberTokenizer(500), 16, 16, 1, scores: teacher, cancellationToken: TestContext.Current.CancellationToken);

        static (IReadOnlyList<TrainingRow> Rows, IReadOnlyList<ShardPassage> Passages) Shard(int first, int rows, int bucket) => (
            [.. Enumerable.Range(first, rows).Select(i => new TrainingRow(
                i, $"q{i}", $"{100 + i}", $"d{i}", null, i - first, [(i - first + 1) % rows], i % 3 == 0 ? "title" : "é", $"f{i % 2}/{i % 3}.md", i, "", "", bucket))],
            [.. Enumerable.Range(first, rows).Select(i => new ShardPassage(i - first, $"d{i}", $"{200 + i}", ""))]);
    }

    static void Edit(string folder, Action<JsonObject> change)
    {
        var path = Path.Combine(folder, "training-set.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    static void Rewrite(string folder, Func<SafetensorsTensor, SafetensorsTensor?> change)
    {
        var path = Path.Combine(folder, "training-set.safetensors");
        List<SafetensorsTensor> tensors = [];
        using (var reader = new SafetensorsReader(path))
        {
            foreach (var entry in reader.Entries)
            {
                var data = new byte[entry.Bytes];
                reader.Read(entry, data);
                if (change(new SafetensorsTensor(entry.Name, entry.Type, entry.Shape, data)) is { } tensor)
                {
                    tensors.Add(tensor);
                }
            }
        }

        SafetensorsWriter.Write(path, tensors);
        Edit(folder, json => json["sha256"] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))));
    }
}
