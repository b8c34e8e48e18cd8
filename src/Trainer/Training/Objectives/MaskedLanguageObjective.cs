using DataPrep.Text;
using TorchSharp;
using TorchSharp.Modules;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Training.Distributed;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Training.Objectives;

/// <summary>
/// Continued pre-training: some tokens of each text are hidden, and the model finds them again (Devlin and others 2019). The loss is the mean of -log p(token) over all hidden places of the batch.
/// A tensor (texts, tokens, vocabulary) is never made: only hidden places are scored, some at a time.
/// </summary>
public sealed class MaskedLanguageObjective : RowObjective
{
    // Scores that lie in memory at once: 256 MiB of 32-bit floats.
    const long TileElements = 1 << 26;

    readonly TransformerEncoder _encoder;
    readonly MaskedLanguageHead _head;
    readonly MaskedLanguageMasks _masks;
    readonly TokenStore _texts;
    readonly IReadOnlyList<int>? _textOfRow;
    readonly Parameter _table;

    /// <param name="encoder">What is trained; the caller's to dispose.</param>
    /// <param name="head">Trained with it; disposed with this.</param>
    /// <param name="texts">The texts, with special tokens.</param>
    /// <param name="kinds">Their tokenizer's entries.</param>
    /// <param name="options">Options.</param>
    /// <param name="textOfRow">Text of each row that a step may name; null where rows are texts.</param>
    /// <exception cref="TrainerException">The tokenizer has no mask token, or more entries than the model's table.</exception>
    public MaskedLanguageObjective(
        TransformerEncoder encoder, MaskedLanguageHead head, TokenStore texts, TokenKinds kinds, MaskedLanguageOptions options, IReadOnlyList<int>? textOfRow = null)
    {
        encoder.RequireVocabulary(kinds.Special.Length, "Masked-language training");
        (_encoder, _head, _texts, _textOfRow) = (encoder, head, texts, textOfRow);
        _masks = new MaskedLanguageMasks(kinds, options);

        // The token table is the first of every encoder's tensors.
        _table = encoder.Parameters[0].Value;
        Parameters = [.. encoder.Parameters, .. head.Parameters];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <inheritdoc/>
    /// <remarks>Parts: masked_tokens, and masked_accuracy, the share of them that scored highest. A batch without a hidden place has the loss 0 and leaves the gradients as they are.</remarks>
    public override StepResult Backward(StepRequest request)
    {
        using var scope = NewDisposeScope();
        _encoder.Training = true;
        var (batch, drawn) = Mask(request);
        var total = drawn.Sum(d => d.Places.Length);
        var own = Own(batch.Count);
        var mine = drawn.Skip(own.Start).Take(own.Count).Sum(d => d.Places.Length);
        var (losses, hits) = (new List<Tensor>(), new List<Tensor>());
        foreach (var (mini, rows) in own.Tiles(request.MiniBatch).Index())
        {
            var part = drawn.AsSpan(rows.Start, rows.Count);
            if (part.ToArray().All(d => d.Places.Length == 0))
            {
                continue;
            }

            random.manual_seed(request.SeedOf(Column("texts"), mini));
            using var inner = NewDisposeScope();
            var (loss, hit) = MiniBatch(batch.Slice(rows.Start, rows.Count), part, total);
            losses.Add(loss.MoveToOuterDisposeScope());
            hits.Add(hit.MoveToOuterDisposeScope());
        }

        return Ranks.Sum(new StepResult(
            mine == 0 ? 0 : stack(losses).sum().ToDouble(),
            [("masked_tokens", mine), ("masked_accuracy", mine == 0 ? 0 : stack(hits).sum().ToDouble() / total)],
            own.Count, batch.End(own.End - 1) - batch.Offsets[own.Start]));
    }

    /// <inheritdoc/>
    public override void Save(string folder) => _head.Save(folder);

    /// <summary>Disposes the head.</summary>
    public override void Dispose()
    {
        _head.Dispose();
        base.Dispose();
    }

    // Texts with their tokens hidden, and of each the places with what stood there.
    (TokenBatch Batch, (int[] Places, long[] Tokens)[] Drawn) Mask(StepRequest request)
    {
        var texts = _textOfRow is null ? request.Rows : Array.ConvertAll(request.Rows, row => _textOfRow[row]);
        texts = Array.FindAll(texts, text => _texts[text].Length > 0) is { Length: > 0 } some ? some
            : throw new TrainerException($"None of the {texts.Length} texts of a batch has a token; expected texts with special tokens around them.");
        var batch = _texts.Gather(texts);
        var drawn = new (int[], long[])[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            var ids = batch.Ids.AsSpan((int)batch.Offsets[i], _texts[texts[i]].Length);
            var before = ids.ToArray();
            int[] places = [.. _masks.Apply(ids, request.Seed, request.Step, texts[i])];
            drawn[i] = (places, Array.ConvertAll(places, place => before[place]));
        }

        return (batch, drawn);
    }

    // Sums over the hidden places of some texts, divided by those of the whole batch.
    (Tensor Loss, Tensor Hits) MiniBatch(TokenBatch batch, ReadOnlySpan<(int[] Places, long[] Tokens)> drawn, int total)
    {
        var (places, tokens) = (new List<long>(), new List<long>());
        for (var i = 0; i < drawn.Length; i++)
        {
            foreach (var place in drawn[i].Places)
            {
                places.Add(batch.Offsets[i] + place);
            }

            tokens.AddRange(drawn[i].Tokens);
        }

        var device = _table.device;
        var targets = tensor(tokens.ToArray()).OnDevice(device);
        var hidden = _encoder.Forward(batch).Values.index_select(0, tensor(places.ToArray()).OnDevice(device));
        using (Shorter())
        {
            hidden = _head.Transform(hidden);
        }

        // The scores' graph ends here, so that one tile of them is in memory at a time.
        var leaf = hidden.detach().requires_grad_();
        var (loss, hits) = (zeros([], device: device), zeros([], device: device));
        var tile = (int)Math.Clamp(TileElements / _table.shape[0], 1, places.Count);
        for (var start = 0; start < places.Count; start += tile)
        {
            using var inner = NewDisposeScope();
            var count = Math.Min(tile, places.Count - start);
            Tensor scores;
            using (Shorter())
            {
                scores = _head.Scores(leaf.narrow(0, start, count), _table);
            }

            scores = scores.to(float32);
            var wanted = targets.narrow(0, start, count);
            var value = F.cross_entropy(scores, wanted, reduction: nn.Reduction.Sum) / total;
            value.backward();
            loss.add_(value.detach());
            hits.add_(scores.detach().argmax(1).eq(wanted).to(float32).sum());
        }

        hidden.backward([leaf.grad!]);
        return (loss, hits);
    }

    Autocast? Shorter() => _encoder.Precision == Precision.Bf16 ? new Autocast(_table.device.type) : null;
}
