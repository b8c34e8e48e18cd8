namespace TorchSharp.Modules;

/// <summary>
/// A tensor that a module trains: a leaf that collects a gradient. No dispose scope owns it; its module disposes it.
/// </summary>
public sealed class Parameter : torch.Tensor
{
    /// <param name="data">Becomes empty: its storage is the parameter's from now on.</param>
    /// <param name="requires_grad">Whether the parameter collects a gradient.</param>
    public Parameter(torch.Tensor data, bool requires_grad = true)
        : base(Leaf(data), register: false) => this.requires_grad = requires_grad;

    /// <summary>Exchanges the storage for a converted copy, outside the graph; the gradient goes with it.</summary>
    internal void Convert(torch.ScalarType? type, torch.Device? device)
    {
        var wanted = type is not null && is_floating_point() ? type.Value : dtype;
        var place = device ?? this.device;
        if (wanted == dtype && (place.Equals(this.device) || (place.type == this.device.type && place.index < 0)))
        {
            return;
        }
        var trained = requires_grad;
        using var none = torch.no_grad();
        using var before = grad;
        using var gradient = before?.to(wanted, place);
        using (var fresh = detach())
        {
            TakeHandle(fresh.to(wanted, place));
        }
        requires_grad = trained;
        grad = gradient;
    }

    static nint Leaf(torch.Tensor data)
    {
        ArgumentNullException.ThrowIfNull(data);
        using (data)
        {
            return data.detach().MoveHandle();
        }
    }
}
