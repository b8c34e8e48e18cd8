using System.Reflection;
using System.Text.Json;
using Trainer.Losses;
using Trainer.Tests.Torch;

namespace Trainer.Tests.Losses;

/// <summary>Losses by name.</summary>
[Collection(TorchCollection.Name)]
public sealed class LossTableTests
{
    static readonly PropertyInfo[] parameters = [.. typeof(LossOptions).GetProperties().Where(p => p.CanWrite && p.Name != nameof(LossOptions.Kind))];

    [Fact]
    public void Every_KindIsInATable() => Assert.Equal(Enum.GetValues<LossKind>().Order(), LossTable.Kinds.Union(LossTable.ScoreKinds).Order());

    [Fact]
    public void Every_KindOverEmbeddings_MakesALossWithFiniteGradients()
    {
        PythonTorch.RequireTorch();
        foreach (var kind in LossTable.Kinds)
        {
            var (loss, _, gradients) = LossBatch.Draw(2).Evaluate(LossTable.Create(new LossOptions { Kind = kind }), tile: 2);
            Assert.True(double.IsFinite(loss), kind.ToString());
            Assert.All(gradients, g => Assert.All(g, v => Assert.True(double.IsFinite(v), kind.ToString())));
        }
    }

    [Fact]
    public void Foreign_ParametersAreRefused_ByName()
    {
        foreach (var kind in Enum.GetValues<LossKind>())
        {
            var known = LossTable.ParametersOf(kind);
            foreach (var parameter in parameters)
            {
                var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name);
                var options = new LossOptions { Kind = kind };
                parameter.SetValue(options, Some(parameter.PropertyType));
                var make = () => { _ = LossTable.Kinds.Contains(kind) ? (object)LossTable.Create(options) : LossTable.CreateForScores(options); };
                if (known.Contains(name))
                {
                    // Known ones may still contradict others (a strength without hardness), in words of their own.
                    Assert.DoesNotContain("has no", Record.Exception(make)?.Message ?? "", StringComparison.Ordinal);
                }
                else
                {
                    Assert.Contains($"has no {name};", Assert.Throws<TrainerException>(make).Message, StringComparison.Ordinal);
                }
            }
        }
    }

    [Fact]
    public void Defaults_AreThoseOfTheTrainerBefore()
    {
        PythonTorch.RequireTorch();
        var batch = LossBatch.Draw(1);
        Assert.Equal(batch.Evaluate(new InfoNce(0.05, symmetric: true)).Loss, batch.Evaluate(LossTable.Create(new LossOptions())).Loss);
        Assert.Equal(batch.Evaluate(new InfoNce(0.2)).Loss, batch.Evaluate(LossTable.Create(new LossOptions { Symmetric = false, Temperature = 0.2 })).Loss);
        Assert.Equal(
            batch.Evaluate(new Matryoshka(new InfoNce(0.05, symmetric: true), [6, 3])).Loss, batch.Evaluate(LossTable.Create(new LossOptions { MatryoshkaDims = [6, 3] })).Loss);
    }

    [Fact]
    public void Contradictions_AreRefused()
    {
        Refused(new LossOptions { Symmetric = true, Directions = [Direction.QueryDoc] }, "not both");
        Refused(new LossOptions { HardnessStrength = 2 }, "hardness_strength belongs to hardness");
        Refused(new LossOptions { MatryoshkaWeights = [1] }, "matryoshka_dims, which is empty");
        Refused(new LossOptions { MatryoshkaDims = [8, 4], MatryoshkaWeights = [1] }, "1 matryoshka_weights for 2");
        Refused(new LossOptions { MatryoshkaDims = [0] }, "lengths of at least 1");
        Refused(new LossOptions { Directions = [Direction.DocQuery] }, "query_doc among them");
        Refused(new LossOptions { Directions = [Direction.QueryDoc, Direction.DocDoc], Partition = Partition.PerDirection }, "never hold the pair sought");
        Refused(new LossOptions { Kind = LossKind.Listwise }, "no loss over embeddings");
        Refused(new LossOptions { Kind = LossKind.Gist, SelfGuide = true, Temperature = 1, Alpha = 2 }, "has no alpha; it has temperature, margin");
        Assert.Contains("listwise", Assert.Throws<TrainerException>(() => LossTable.CreateForScores(new LossOptions())).Message, StringComparison.Ordinal);

        static void Refused(LossOptions options, string why) => Assert.Contains(why, Assert.Throws<TrainerException>(() => LossTable.Create(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Batches_WithoutWhatALossReads_AreRefusedWithWhatToDo()
    {
        PythonTorch.RequireTorch();
        using var scope = TorchSharp.torch.NewDisposeScope();
        var inputs = LossBatch.Draw(1).Inputs();
        Refused(LossKind.Gist, inputs with { GuideQueries = null }, "self_guide");
        Refused(LossKind.MarginMse, inputs with { TeacherScores = null }, "rescore");
        Refused(LossKind.KlDistillation, inputs with { Own = inputs.Own!.narrow(1, 0, 1) }, "mine negatives");
        Refused(LossKind.SimlmDistillation, inputs with { Own = null }, "does not say which");
        Refused(LossKind.DualReg, inputs with { QueriesAgain = null }, "second pass");

        static void Refused(LossKind kind, LossInputs inputs, string why) =>
            Assert.Contains(why, Assert.Throws<TrainerException>(() => LossTable.Create(new LossOptions { Kind = kind }).Compute(inputs)).Message, StringComparison.Ordinal);
    }

    static object Some(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare switch
        {
            _ when bare == typeof(double) => 0.5,
            _ when bare == typeof(int) => 1,
            _ when bare == typeof(bool) => true,
            _ when bare == typeof(IReadOnlyList<int>) => new List<int> { 2 },
            _ when bare == typeof(IReadOnlyList<double>) => new List<double> { 1 },
            _ when bare == typeof(IReadOnlyList<Direction>) => new List<Direction> { Direction.QueryDoc },
            _ => Enum.GetValues(bare).GetValue(1)!,
        };
    }
}
